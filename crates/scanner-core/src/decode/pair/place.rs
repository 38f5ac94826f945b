//! Declared places of credentials: `HTTPBasicAuth(_, $)`, `sshpass -p $`, `'admin', $`.

/// A declared place: the name that is called, and where its credential stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The function or program, as written.
    pub name: String,
    /// Whether it may be the end of a longer name: `*Credentials(_, $)`.
    pub(super) ending: bool,
    /// Whether it takes other things as well: `?connect(_, _, _, $)`.
    pub(super) unsure: bool,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// The argument of this index, of so many or more.
    Argument { index: usize, least: usize },
    /// The word of this index after a command, perhaps one in quotes.
    Operand { index: usize, quoted: bool },
    /// The values of a map from names of users: `users {$}`.
    Entries,
    /// The literal after one that names a user: `'admin', $`.
    After,
    /// What follows an option of a command.
    Option { flags: Vec<String>, glued: bool, lead: Lead },
}

/// What stands before the credential in its word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lead {
    /// This text; often none.
    Text(String),
    /// Anything up to this mark.
    UpTo(u8),
}

impl Place {
    /// Reads `name(_, $)`, `name {$}`, `'name', $`, or `name -o $`, `name -o$`, `name -o _:$`. `$` is the credential, `_` anything;
    /// `*` before a name is the rest of it, `?` before all says that such a place takes other things as well.
    ///
    /// # Errors
    /// A sentence saying what is wrong.
    pub fn parse(source: &str) -> Result<Place, String> {
        let (source, unsure) = source.strip_prefix('?').map_or((source, false), |rest| (rest, true));
        let (source, ending) = source.strip_prefix('*').map_or((source, false), |rest| (rest, true));
        let wrong = || {
            format!(
                "`{source}` is no place; write `name(_, $)`, `'name', $`, `name _ $`, `name _ '$'`, `name -o $`, `name -o$` or `name -o|--option _:$`"
            )
        };
        let place = |name: &str, kind: Kind| Place { name: name.to_owned(), ending, unsure, kind };
        if let Some(name) = source.strip_suffix(" {$}") {
            return Ok(place(name, Kind::Entries));
        }
        if let Some(name) = source.strip_prefix('\'').and_then(|rest| rest.strip_suffix("', $")) {
            return if name.len() < 3 { Err(wrong()) } else { Ok(Place { unsure: true, ..place(name, Kind::After) }) };
        }
        if let Some((name, arguments)) = source.split_once('(') {
            let arguments = arguments.strip_suffix(')').ok_or_else(wrong)?;
            let parts: Vec<&str> = arguments.split(',').map(str::trim).collect();
            let index = parts.iter().position(|part| *part == "$").ok_or_else(wrong)?;
            if name.len() < 3 || parts.iter().any(|part| !matches!(*part, "$" | "_")) {
                return Err(wrong());
            }
            return Ok(place(name, Kind::Argument { index, least: parts.len() }));
        }
        let option = [" -", " /"].iter().find_map(|mark| Some((*mark, source.split_once(*mark)?)));
        let Some((mark, (name, option))) = option else {
            let mut words = source.split(' ').collect::<Vec<&str>>();
            let index = words.iter().rev().skip(1).take_while(|word| **word == "_").count();
            let quoted = match words.pop() {
                Some("$") => false,
                Some("'$'") => true,
                _ => return Err(wrong()),
            };
            if words.len() <= index {
                return Err(wrong());
            }
            let name = words[..words.len() - index].join(" ");
            return if name.len() < 3 { Err(wrong()) } else { Ok(place(&name, Kind::Operand { index, quoted })) };
        };
        let (flags, value) = option.split_once(' ').map_or((option, None), |(flags, value)| (flags, Some(value)));
        let glued = value.is_none();
        let flags = if glued { flags.strip_suffix('$').ok_or_else(wrong)? } else { flags };
        let lead = value.unwrap_or("$").strip_suffix('$').ok_or_else(wrong)?;
        let lead = match lead.as_bytes() {
            [b'_', mark] => Lead::UpTo(*mark),
            _ => Lead::Text(lead.to_owned()),
        };
        if name.len() < 3 || flags.is_empty() {
            return Err(wrong());
        }
        let flags = format!("{}{flags}", mark.trim_start()).split('|').map(str::to_owned).collect();
        Ok(place(name, Kind::Option { flags, glued, lead }))
    }

    /// What stands in every text that holds such a place.
    pub fn literal(&self) -> String {
        match self.kind {
            Kind::Argument { .. } => format!("{}(", self.name),
            _ => self.name.clone(),
        }
    }
}
