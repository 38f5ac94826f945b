//! Tells words from letters in a row, by the pairs that words are made of.

/// Whether lower-case letters could be a word: pronounceable, by the share of common pairs.
pub(super) fn is_wordlike(word: &str) -> bool {
    if !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return false;
    }
    if word.len() <= 2 {
        return true;
    }
    let bytes = word.as_bytes();
    let common = bytes.windows(2).filter(|pair| COMMON_PAIRS.contains(&[pair[0], pair[1]])).count();
    common * 100 >= (bytes.len() - 1) * 55 && bytes.iter().any(|byte| b"aeiouy".contains(byte))
}

/// Letter pairs that make up four fifths of English text and of the identifiers of programs; of
/// random letters they are a quarter.
const COMMON_PAIRS: &[[u8; 2]] = &[
    *b"th", *b"he", *b"in", *b"er", *b"an", *b"re", *b"on", *b"at", *b"en", *b"nd", *b"ti", *b"es", *b"or", *b"te",
    *b"of", *b"ed", *b"is", *b"it", *b"al", *b"ar", *b"st", *b"to", *b"nt", *b"ng", *b"se", *b"ha", *b"as", *b"ou",
    *b"io", *b"le", *b"ve", *b"co", *b"me", *b"de", *b"hi", *b"ri", *b"ro", *b"ic", *b"ne", *b"ea", *b"ra", *b"ce",
    *b"li", *b"ch", *b"ll", *b"be", *b"ma", *b"si", *b"om", *b"ur", *b"ca", *b"el", *b"ta", *b"la", *b"ns", *b"di",
    *b"fo", *b"ho", *b"pe", *b"ec", *b"pr", *b"no", *b"ct", *b"us", *b"ac", *b"ot", *b"il", *b"tr", *b"ly", *b"nc",
    *b"et", *b"ut", *b"ss", *b"so", *b"rs", *b"un", *b"lo", *b"wa", *b"ge", *b"ie", *b"wh", *b"ee", *b"wi", *b"em",
    *b"ad", *b"ol", *b"rt", *b"po", *b"we", *b"na", *b"ul", *b"ni", *b"ts", *b"mo", *b"ow", *b"pa", *b"im", *b"mi",
    *b"ai", *b"sh", *b"ir", *b"su", *b"id", *b"os", *b"iv", *b"ia", *b"am", *b"fi", *b"ci", *b"vi", *b"pl", *b"ig",
    *b"tu", *b"ev", *b"ld", *b"ry", *b"mp", *b"fe", *b"bl", *b"ab", *b"gh", *b"ty", *b"op", *b"wo", *b"sa", *b"ay",
    *b"ex", *b"ke", *b"fr", *b"oo", *b"av", *b"ag", *b"if", *b"ap", *b"gr", *b"od", *b"bo", *b"sp", *b"rd", *b"do",
    *b"uc", *b"bu", *b"ei", *b"ov", *b"by", *b"rm", *b"ep", *b"tt", *b"oc", *b"fa", *b"ef", *b"cu", *b"rn", *b"sc",
    *b"gi", *b"da", *b"yo", *b"cr", *b"cl", *b"du", *b"ga", *b"qu", *b"ue", *b"ff", *b"ba", *b"ey", *b"ls", *b"va",
    *b"um", *b"pp", *b"ua", *b"up", *b"lu", *b"go", *b"ht", *b"ru", *b"ug", *b"ds", *b"lt", *b"pi", *b"rc", *b"rr",
    *b"eg", *b"au", *b"ck", *b"ew", *b"mu", *b"br", *b"bi", *b"pt", *b"ak", *b"pu", *b"ui", *b"rg", *b"ib", *b"tl",
    *b"ny", *b"ki", *b"rk", *b"ys", *b"ob", *b"mm", *b"fu", *b"ph", *b"og", *b"ms", *b"ye", *b"ud", *b"mb", *b"ip",
    *b"ub", *b"oi", *b"rl", *b"gu", *b"dr", *b"hr", *b"cc", *b"tw", *b"ft", *b"nn", *b"hu", *b"fl", *b"gn", *b"ok",
    *b"xt", *b"db", *b"ap", *b"ks", *b"ws", *b"sw", *b"aw", *b"rd", *b"sk", *b"wd", *b"xp", *b"nf", *b"fg", *b"dm",
    *b"ju", *b"jo",
];
