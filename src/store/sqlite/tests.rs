use super::{DATABASE, DataDirectory, Database, Durability, schema};
use crate::{
    Account, Accounts, Ban, BanKind, Bans, Kind, Line, Recall, Record, Retention, Store, Topic,
};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A directory that is gone with the test.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Place {
        let path = std::env::temp_dir().join(format!("parlance-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Place(path)
    }

    fn open(&self) -> Result<Database, crate::Failure> {
        Database::open(&DataDirectory::claim(&self.0)?, Durability::Normal)
    }

    /// Every file with its bytes.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let entries = fs::read_dir(&self.0).expect("it is there").flatten();
        let mut files: Vec<_> =
            entries.map(|entry| (entry.path(), fs::read(entry.path()).expect("a file"))).collect();
        files.sort();
        files
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const ALL: Recall = Recall { before: u64::MAX, lines_max: 1_000, bytes_max: 1 << 20 };

fn say(store: &mut Database, ids: std::ops::Range<u64>, room: &str) {
    let texts: Vec<_> = ids.clone().map(|id| format!("line {id}")).collect();
    let lines = ids.zip(&texts).map(|(id, text)| Record::Line {
        id,
        room: room.as_bytes(),
        sender: b"ann",
        at: i64::try_from(id).expect("small") * 1_000,
        text: text.as_bytes(),
    });
    store.append(&mut lines.into_iter()).expect("it is stored");
}

fn ids(lines: &[Line]) -> Vec<u64> {
    lines.iter().map(|line| line.id).collect()
}

#[test]
fn lines_of_a_room_come_back_in_order_after_the_database_was_closed() {
    let place = Place::new("lines");
    let mut store = place.open().expect("a new one");
    assert_eq!(store.next_id(), Ok(1));
    say(&mut store, 1..4, "#den");
    say(&mut store, 4..6, "#bar");
    drop(store);
    let mut store = place.open().expect("the same");
    assert_eq!(store.next_id(), Ok(6));
    assert_eq!(ids(&store.recall(b"#den", &ALL).unwrap()), [1, 2, 3]);
    assert_eq!(ids(&store.recall(b"#den", &Recall { before: 3, ..ALL }).unwrap()), [1, 2]);
    assert_eq!(ids(&store.recall(b"#den", &Recall { lines_max: 2, ..ALL }).unwrap()), [2, 3]);
    assert_eq!(ids(&store.recall(b"#den", &Recall { bytes_max: 1, ..ALL }).unwrap()), [3]);
    assert_eq!(store.recall(b"#none", &ALL), Ok(Vec::new()));
    let first = &store.recall(b"#bar", &ALL).unwrap()[0];
    assert_eq!(
        (first.at, &first.sender[..], &first.text[..]),
        (4_000, &b"ann"[..], &b"line 4"[..])
    );
}

#[test]
fn bytes_that_are_no_text_come_back_as_they_were() {
    let mut store = Database::in_memory().unwrap();
    let (room, text) = (&b"\xff"[..], &b"a\0b \xfe"[..]);
    let line = Record::Line { id: 7, room, sender: b"\x80", at: 0, text };
    store.append(&mut [line].into_iter()).unwrap();
    let found = &store.recall(room, &ALL).unwrap()[0];
    assert_eq!((&found.sender[..], &found.text[..]), (&b"\x80"[..], text));
    let mut export = Vec::new();
    store.export(&mut export).unwrap();
    let expected = r#"{"id":7,"time":"1970-01-01T00:00:00.000Z","room":"hex:FF","#;
    assert!(String::from_utf8(export).unwrap().starts_with(expected));
}

#[test]
fn an_exported_text_is_told_from_bytes_in_hexadecimal() {
    let mut store = Database::in_memory().unwrap();
    for (id, text) in [(1, &b"hex:FF"[..]), (2, b"\xff"), (3, b"hex")] {
        let line = Record::Line { id, room: b"#den", sender: b"ann", at: 0, text };
        store.append(&mut [line].into_iter()).unwrap();
    }
    let mut export = Vec::new();
    store.export(&mut export).unwrap();
    let export = String::from_utf8(export).unwrap();
    for text in [r#""text":"hex:6865783A4646""#, r#""text":"hex:FF""#, r#""text":"hex""#] {
        assert_eq!(export.matches(text).count(), 1, "{text} in {export}");
    }
}

#[test]
fn a_batch_is_stored_whole_or_not_at_all() {
    let mut store = Database::in_memory().unwrap();
    say(&mut store, 1..2, "#den");
    let line = |id| Record::Line { id, room: b"#den", sender: b"ann", at: 0, text: b"hi" };
    assert!(store.append(&mut [line(2), line(1)].into_iter()).is_err(), "1 is there already");
    assert_eq!(ids(&store.recall(b"#den", &ALL).unwrap()), [1]);
}

#[test]
fn a_topic_is_kept_until_it_is_emptied() {
    let mut store = Database::in_memory().unwrap();
    let mut set = |text: &str| {
        let text = text.as_bytes();
        let topic = Record::Topic { room: b"#den", sender: b"ann", at: 0, text };
        store.append(&mut [topic].into_iter()).unwrap();
        store.kept(b"#den", &ALL).unwrap().topic
    };
    let topic = Topic { sender: b"ann".to_vec(), text: b"tea".to_vec() };
    assert_eq!(set("tea"), Some(topic));
    assert_eq!(set(""), None);
}

#[test]
fn old_lines_are_forgotten_and_their_numbers_are_not_given_out_again() {
    let mut store = Database::in_memory().unwrap();
    say(&mut store, 1..11, "#den");
    let retention = Retention { age_max: Some(5_000), bytes_max: None };
    while store.prune(&retention, 10_000).unwrap() {}
    assert_eq!(ids(&store.recall(b"#den", &ALL).unwrap()), [5, 6, 7, 8, 9, 10]);
    while store.prune(&retention, 100_000).unwrap() {}
    assert_eq!(store.recall(b"#den", &ALL), Ok(Vec::new()));
    assert_eq!((store.next_id(), store.report().unwrap().rooms), (Ok(11), 0));
}

#[test]
fn the_oldest_lines_are_forgotten_while_the_store_is_too_large() {
    let mut store = Database::in_memory().unwrap();
    say(&mut store, 1..20_001, "#den");
    let retention = Retention { age_max: None, bytes_max: Some(600_000) };
    let mut steps = 0;
    while store.prune(&retention, 0).unwrap() {
        steps += 1;
    }
    let newest = ids(&store.recall(b"#den", &Recall { lines_max: 1, ..ALL }).unwrap());
    let lines = store.report().unwrap().lines;
    assert!((5_000..20_000).contains(&lines) && steps > 0, "{lines} lines after {steps} steps");
    assert_eq!(newest, [20_000]);
}

#[test]
fn bans_are_added_replaced_and_removed() {
    let mut store = Database::in_memory().unwrap();
    let ban = |kind, value: &str, until| Ban {
        kind,
        value: value.to_owned(),
        reason: "spam".to_owned(),
        until,
    };
    let all = [
        ban(BanKind::Address, "192.0.2.1", None),
        ban(BanKind::Name, "eve", Some(7)),
        ban(BanKind::Network, "2001:db8::/32", None),
    ];
    for ban in all.iter().rev() {
        store.add_ban(ban).unwrap();
    }
    assert_eq!(store.bans().unwrap(), all);
    store.add_ban(&ban(BanKind::Name, "eve", None)).unwrap();
    assert_eq!(store.bans().unwrap()[1].until, None);
    assert_eq!(store.remove_ban(BanKind::Name, "eve"), Ok(true));
    assert_eq!(store.remove_ban(BanKind::Name, "eve"), Ok(false));
    assert_eq!(store.bans().unwrap().len(), 2);
}

/// A ban that another process adds is there for the server, too.
#[test]
fn a_second_connection_sees_what_the_first_has_stored() {
    let place = Place::new("beside");
    assert!(Database::beside(&place.0).is_err(), "there is none");
    let mut store = place.open().unwrap();
    say(&mut store, 1..3, "#den");
    let mut other = Database::beside(&place.0).expect("a server has it, and that is no matter");
    assert_eq!(other.report().unwrap().lines, 2);
    let eve = Ban { kind: BanKind::Name, value: "eve".into(), reason: String::new(), until: None };
    other.add_ban(&eve).unwrap();
    assert_eq!(store.bans(), Ok(vec![eve]));
}

#[test]
fn a_data_directory_is_for_its_owner_and_one_server() {
    let place = Place::new("claim");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let claimed = DataDirectory::claim(&place.0).unwrap();
    assert_eq!(mode(&place.0), 0o700);
    drop(Database::open(&claimed, Durability::Full).unwrap());
    assert_eq!(mode(&place.0.join(DATABASE)), 0o600);
    let second = DataDirectory::claim(&place.0).unwrap_err();
    assert_eq!(second.kind, Kind::InUse);
    drop(claimed);
    fs::set_permissions(&place.0, fs::Permissions::from_mode(0o755)).unwrap();
    drop(DataDirectory::claim(&place.0).expect("it is ours"));
    assert_eq!(mode(&place.0), 0o700);
}

#[test]
fn a_directory_with_files_of_others_is_left_alone() {
    let place = Place::new("home");
    fs::create_dir(&place.0).unwrap();
    fs::write(place.0.join("letters"), "dear").unwrap();
    fs::set_permissions(&place.0, fs::Permissions::from_mode(0o755)).unwrap();
    let failure = DataDirectory::claim(&place.0).unwrap_err();
    assert!(failure.message.contains("chmod 700"), "{failure}");
    assert_eq!(place.files().len(), 1);
}

#[test]
fn a_damaged_or_newer_file_is_refused_and_nothing_is_touched() {
    type Damage = fn(&mut Vec<u8>);
    let damages: [(&str, Kind, Damage); 5] = [
        ("newer", Kind::Newer, |file| file[60..64].copy_from_slice(&99_i32.to_be_bytes())),
        ("another program's", Kind::Other, |file| file[68..72].copy_from_slice(b"Othr")),
        ("no database", Kind::Damaged, |file| file[..100].fill(b'x')),
        ("cut short", Kind::Damaged, |file| file.truncate(file.len() / 2 + 10)),
        ("a page of zeros", Kind::Damaged, |file| file[4096..8192].fill(0)),
    ];
    for (what, kind, damage) in damages {
        let place = Place::new("damaged");
        let mut store = place.open().unwrap();
        say(&mut store, 1..2_000, "#den");
        drop(store);
        let path = place.0.join(DATABASE);
        let mut file = fs::read(&path).unwrap();
        damage(&mut file);
        fs::write(&path, &file).unwrap();
        let before = place.files();
        let failure = place.open().expect_err(what);
        assert_eq!(failure.kind, kind, "{what}: {failure}");
        assert!(failure.message.contains("parlance.db"), "{what}: {failure}");
        assert!(place.files() == before, "{what}: something was touched");
        assert_eq!(Database::beside(&place.0).expect_err(what).kind, kind);
    }
}

#[test]
fn a_database_of_the_first_version_is_brought_to_the_newest() {
    let place = Place::new("migration");
    drop(DataDirectory::claim(&place.0).unwrap());
    let old = rusqlite::Connection::open(place.0.join(DATABASE)).unwrap();
    old.execute_batch(schema::MIGRATIONS[0]).unwrap();
    old.pragma_update(None, "application_id", schema::APPLICATION_ID).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    old.execute_batch(
        "INSERT INTO room (name) VALUES ('#den');
        INSERT INTO line VALUES (9, 1, 0, 'ann', 'hi')",
    )
    .unwrap();
    drop(old);
    let mut store = place.open().expect("it is older");
    assert_eq!((store.next_id(), store.bans()), (Ok(10), Ok(Vec::new())));
    assert_eq!(store.report().unwrap().version, 3);
}

#[test]
fn a_backup_of_a_database_in_use_is_whole_and_replaces_no_file() {
    let place = Place::new("backup");
    let mut store = place.open().unwrap();
    say(&mut store, 1..2_000, "#den");
    let copy = place.0.join("copy");
    let beside = Database::beside(&place.0).unwrap();
    beside.backup(&copy).unwrap();
    say(&mut store, 2_000..2_010, "#den");
    assert!(beside.backup(&copy).unwrap_err().message.contains("already"));
    let restored = Place::new("restored");
    drop(DataDirectory::claim(&restored.0).unwrap());
    fs::copy(&copy, restored.0.join(DATABASE)).unwrap();
    assert_eq!(restored.open().unwrap().next_id(), Ok(2_000));
}

#[test]
fn an_account_is_kept_under_its_name_once() {
    let place = Place::new("accounts");
    let mut store = place.open().expect("a new one");
    let account = |name: &str, password: &str| Account {
        name: name.to_owned(),
        password: password.to_owned(),
        made_at: 5,
        changed_at: 5,
    };
    assert_eq!(store.add_account(&account("bob", "$1")), Ok(true));
    assert_eq!(store.add_account(&account("ann", "$2")), Ok(true));
    assert_eq!(store.add_account(&account("ann", "$3")), Ok(false), "it has a password");
    assert_eq!(store.set_password("ann", Some("$3"), "$4", 6), Ok(false), "it is another");
    assert_eq!(store.set_password("ann", Some("$2"), "$4", 6), Ok(true));
    assert_eq!(store.set_password("Ann", None, "$5", 7), Ok(false));
    assert_eq!(store.set_password("bob", None, "$5", 7), Ok(true));
    drop(store);
    let mut store = place.open().expect("the same");
    let expected = Account { changed_at: 6, ..account("ann", "$4") };
    assert_eq!(store.account("ann"), Ok(Some(expected.clone())));
    assert_eq!(
        store.accounts(),
        Ok(vec![expected, Account { changed_at: 7, ..account("bob", "$5") }])
    );
    assert_eq!(store.remove_account("ann"), Ok(true));
    assert_eq!(store.remove_account("ann"), Ok(false));
    assert_eq!(store.account("ann"), Ok(None));
}
