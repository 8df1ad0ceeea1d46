//! The repository against itself: clauses and citations, claims, README, the texts of the model,
//! imports, the rules of style.
//!
//! Each module states its goal, method and limits. Nothing is started; files are read.

mod repository {
    mod circles;
    mod clauses;
    mod dependencies;
    mod formal;
    mod readme;
    mod source;
    mod survivors;
    mod tidy;
}
