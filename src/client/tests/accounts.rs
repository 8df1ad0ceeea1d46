//! Names that have accounts.

use super::super::End;
use super::Play;

/// The room that the user wanted at first is joined once the name is taken.
#[test]
fn a_user_whose_name_has_an_account_logs_in_and_comes_to_its_room() {
    let mut play = Play::with("channels", Some("#den"), true);
    assert_eq!(play.sent(), "USERNAME bob\nJOIN #den\nUSERS\n");
    play.hear("ERROR Password required");
    play.hear("ERROR Username required");
    play.hear("ERROR Username required");
    assert_eq!(play.shown(), ["-- bob has an account: write /login bob PASSWORD"]);
    assert!(play.conversation.wants_input() && !play.conversation.was_admitted());
    play.type_in("hi");
    assert_eq!(play.shown(), ["error: you have no name: write /login NAME PASSWORD"]);
    play.type_in("/login bob wrong-word");
    assert_eq!(play.sent(), "/login bob wrong-word\n");
    play.hear("ERROR Wrong name or password");
    assert_eq!(play.shown(), ["error: the server says: Wrong name or password"]);
    play.type_in("/login bob right-word");
    play.hear("ERROR Username taken");
    assert_eq!(
        play.shown(),
        ["error: bob is connected elsewhere; /ghost bob ends that connection"]
    );
    play.type_in("/ghost bob");
    play.sent();
    play.hear("OK Welcome, bob!");
    assert_eq!(play.sent(), "JOIN #den\nUSERS\n");
    play.hear("OK Joined #den (0 users)");
    play.hear("USERLIST bob");
    assert!(play.conversation.was_admitted());
    assert!(play.shown().contains(&"-- connected as bob".to_owned()));
}

#[test]
fn a_user_that_has_logged_out_can_log_in_to_another_name() {
    let mut play = Play::with("channels", None, true);
    play.hear("OK Welcome, bob!");
    play.shown();
    play.type_in("/logout");
    play.hear("OK Logged out");
    assert_eq!(play.shown(), ["-- logged out"]);
    play.type_in("/register eve eve-has-it");
    play.hear("OK Welcome, eve!");
    assert_eq!(play.shown(), ["-- connected as eve"]);
    play.type_in("/password eve-has-it new-word-");
    play.hear("OK Password changed");
    assert_eq!(play.shown(), ["-- done"]);
}

/// Nobody is there to be asked.
#[test]
fn a_program_whose_name_has_an_account_is_refused() {
    let mut play = Play::with("channels", None, false);
    play.hear("ERROR Password required");
    assert_eq!(play.conversation.end(), Some(&End::Refused));
}
