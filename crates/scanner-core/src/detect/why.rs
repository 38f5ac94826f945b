//! Why a detector left something alone that it looked at.

use crate::rule::misfit::Misfit;
use crate::rule::proof::Check;
use std::fmt;

/// The condition of a rule that did not hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// Its shape does not fit.
    Misfit(Misfit),
    /// The word that calls for it is a part of a longer one.
    PartOfWord,
    /// It ends inside of a character.
    CutCharacter,
    /// What follows is too short for the body of a key.
    NoBody,
    /// The rule's proof fails.
    Check(Check),
    /// It is a piece of a long base64 text.
    InBase64,
    /// One character or a series again and again.
    Filler,
    /// Forty hex digits behind `@`.
    Revision,
    /// A stand-in for a value.
    Placeholder,
    /// It names where the value stands.
    Reference,
    /// A word such as `password` or `string`.
    TypeWord,
    /// It does not look random.
    NotRandom,
    /// None of the words that must stand near it does.
    NothingNear,
    /// A piece of a longer token.
    Piece,
    /// A word of a language.
    Word,
    /// Nothing names it as a credential.
    Unnamed(Unnamed),
    /// The path is one that the rule leaves out.
    Excepted,
    /// The content is not known.
    Unread,
    /// The file holds what it must not.
    NotContent,
    /// The file does not hold what it must.
    Content,
    /// Still to be filled in, or standing elsewhere.
    LeftOpen,
    /// A number, a time, or too short to be a credential.
    NoCredential,
}

/// Why nothing names a token as a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unnamed {
    /// A word on its line says what else it is.
    Otherwise,
    /// Its name is that of an identifier, or one that the rule leaves out.
    Identifier,
    /// Its provider is not named near it.
    Provider,
    /// No word before it on its line says that it is one.
    Nameless,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Why::Misfit(misfit) => return misfit.fmt(f),
            Why::Check(check) => return write!(f, "the check `{}` fails", check.name()),
            Why::PartOfWord => "the word that calls for it is a part of a longer one",
            Why::CutCharacter => "it ends inside of a character",
            Why::NoBody => "what follows is too short for the body of a key",
            Why::InBase64 => "it is a piece of a long base64 text",
            Why::Filler => "a stand-in: one character or a series again and again",
            Why::Revision => "a revision: forty hex digits behind `@`",
            Why::Placeholder => "a placeholder",
            Why::Reference => "a reference to where the value stands",
            Why::TypeWord => "a word that says what belongs here",
            Why::NotRandom => "too little randomness",
            Why::NothingNear => "no word of its provider stands on the line or the three lines before",
            Why::Piece => "it is a piece of a longer token",
            Why::Word => "it is one word",
            Why::Unnamed(Unnamed::Otherwise) => {
                "its line says that it is something else, such as a digest or a version"
            }
            Why::Unnamed(Unnamed::Identifier) => "its name is that of an identifier, not of a secret",
            Why::Unnamed(Unnamed::Provider) => "its provider is not named near it",
            Why::Unnamed(Unnamed::Nameless) => "nothing before it on its line names it as a credential",
            Why::Excepted => "the rule leaves this path out",
            Why::Unread => "the file's content is not known",
            Why::NotContent => "the file holds what tells it from a credential's",
            Why::Content => "the file does not hold what the rule asks for",
            Why::LeftOpen => "still to be filled in, or a reference to where the value stands",
            Why::NoCredential => "a number, a time, or too short",
        })
    }
}
