//! Code patterns: a shape of syntax written in the target language with `$X` and `...`.
