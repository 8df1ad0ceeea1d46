//! The words that scenarios are made of, dialect by dialect: a small cast of names and rooms, and
//! lines that are right, nearly right and wrong.

use parlance_model::Dialect;

const ROOMS: [&str; 3] = ["den", "attic", "Den"];

const NAMES: [&str; 5] = ["ann", "bob", "cy", "abcdefghijklmnopqrst", "~"];

/// What people say, as it stands after the dialect's word for saying.
const TEXTS: [&[u8]; 8] = [
    b"hi\n",
    b"\n",
    b"crlf\r\n",
    b"two\rcrs\r\r\n",
    b"JOIN den bob\n",
    b"\0\xff\xfe\n",
    b"no end",
    b"a line of some length, as people write them\n",
];

/// The words of a dialect.
pub(crate) struct Words {
    /// What comes before a name in the line that asks for it.
    name: &'static [u8],
    /// What comes before a room in the line that asks for it, if there are rooms.
    room: Option<&'static [u8]>,
    /// What comes before a text for everyone.
    pub(crate) say: &'static [u8],
    /// What comes before a name and a text for it, if there are private messages.
    tell: Option<&'static [u8]>,
    /// First lines that are not plainly right, some of them valid all the same.
    pub(crate) odd: &'static [&'static [u8]],
    /// Lines that are no text; in a dialect that has none, texts that look like some.
    pub(crate) commands: &'static [&'static [u8]],
}

pub(crate) fn words(dialect: Dialect) -> &'static Words {
    match dialect {
        Dialect::Rooms => &WORDS_OF_ROOMS,
        Dialect::Lobby => &WORDS_OF_LOBBY,
        Dialect::Simple => &WORDS_OF_SIMPLE,
        Dialect::Login => &WORDS_OF_LOGIN,
        Dialect::Channels => &WORDS_OF_CHANNELS,
    }
}

static WORDS_OF_ROOMS: Words = Words {
    name: b"",
    room: Some(b"JOIN "),
    say: b"",
    tell: None,
    odd: &[
        b"jOiN den ann\r\n",
        b"JOIN den\n",
        b"JOIN den ann \n",
        b"JOIN  den ann\n",
        b"JOIN den ann cy\n",
        b"EAT tacos\n",
        b"\n",
        b"JOIN den abcdefghijklmnopqrstu\n",
        b"JOIN den a\x7f\n",
        b"JOIN den ann\r\r\n",
        b"JOIN den ann",
        b"JOIN den ann\nand\na tail",
        b"POST / HTTP/1.1\r\n\r\nJOIN den ann\nhi\n",
        b"\x16\x03\x01\n",
    ],
    commands: &[b"/quit\n", b"WHO\n"],
};

static WORDS_OF_LOBBY: Words = Words {
    name: b"",
    room: None,
    say: b"",
    tell: None,
    odd: &[
        b"ann\r\n",
        b"a b\n",
        b"a:b\n",
        b"\n",
        b"a\x7f\n",
        b"ann\r\r\n",
        b"1234567890123456789012345678901234567890123456789012345678901234\n",
        b"12345678901234567890123456789012345678901234567890123456789012345\n",
        b"ann",
        b"ann\nand\na tail",
        b":\nann\n",
        b"POST / HTTP/1.1\r\n\r\nann\nhi\n",
        b"\x16\x03\x01\n",
    ],
    commands: &[b"WHO\n", b":\n"],
};

static WORDS_OF_SIMPLE: Words = Words {
    name: b"JOIN ",
    room: None,
    say: b"SEND ",
    tell: None,
    odd: &[
        b"jOiN ann\r\n",
        b"JOIN\n",
        b"JOIN \n",
        b"JOIN  ann\n",
        b"JOIN ann cy\n",
        b"EAT tacos\n",
        b"\n",
        b"JOIN 123456789012345678901234567890123\n",
        b"JOIN a\x7f\nJOIN ann\n",
        b"SEND hi\nJOIN ann\nJOIN ann\nSEND\nSEND \n",
        b"JOIN ann",
        b"JOIN ann\nSEND and\nFOO\nSEND a\nSEND b\nSEND tail",
        b"JOIN ann\nLEAVE\nSEND never\n",
        b"LEAVE\n",
        b"POST / HTTP/1.1\r\n\r\nJOIN ann\nSEND hi\n",
        b"\x16\x03\x01\n",
    ],
    commands: &[b"SEND\n", b"JOIN cy\n", b"FOO\n", b"\n", b"SEND \n", b"leave me\nSEND no\n"],
};

static WORDS_OF_LOGIN: Words = Words {
    name: b"LOGIN ",
    room: None,
    say: b"MSG ",
    tell: Some(b"DM "),
    odd: &[
        b"lOgIn ann\r\n",
        b"LOGIN\n",
        b"LOGIN \n",
        b"LOGIN  ann\n",
        b"LOGIN ann cy\n",
        b"PING\nWHO\nLOGIN ann\nPING\nWHO\n",
        b"\n",
        b"LOGIN 123456789012345678901234567890123\n",
        b"LOGIN a\x7f\nLOGIN ann\n",
        b"DM ann hi\nLOGIN ann\nDM ann hi\nDM ann\nDM \n",
        b"LOGIN ann",
        b"LOGIN ann\nMSG and\nFOO\nMSG a\nMSG b\nMSG tail",
        b"POST / HTTP/1.1\r\n\r\nLOGIN ann\nMSG hi\n",
        b"\x16\x03\x01\n",
    ],
    commands: &[
        b"WHO\n",
        b"PING\n",
        b"MSG\n",
        b"FOO\n",
        b"LOGIN cy\n",
        b"DM ann\n",
        b"DM nobody hi\n",
        b"DM a\x7f hi\n",
        b"who now\n",
    ],
};

static WORDS_OF_CHANNELS: Words = Words {
    name: b"USERNAME ",
    room: Some(b"JOIN "),
    say: b"",
    tell: Some(b"PRIVMSG "),
    odd: &[
        b"USERNAME ann\r\nJOIN den\r\n",
        b"USERNAME\n",
        b"username ann\n",
        b"USERNAME ann cy\n",
        b"JOIN den\nUSERNAME ann\nJOIN den\n",
        b"/nothing\nUSERNAME ann\nhello\nLEAVE\nUSERS\nROOMS\n/msg ann hi\n",
        b"\n",
        b"USERNAME 12345678901234567890123456789012\n",
        b"USERNAME a\x7f\nUSERNAME ann\nJOIN a\x7f\nJOIN den\n",
        b"QUIT\nUSERNAME ann\n",
        b"USERNAME ann",
        b"USERNAME ann\nJOIN den\nand\nLEAVE\nJOIN attic\na\nJOIN den\nb\ntail",
        b"POST / HTTP/1.1\r\n\r\nUSERNAME ann\nJOIN den\nhi\n",
        b"\x16\x03\x01\n",
    ],
    commands: &[
        b"USERS\n",
        b"ROOMS\n",
        b"LEAVE\n",
        b"JOIN den\n",
        b"/join attic\n",
        b"PRIVMSG ann\n",
        b"PRIVMSG nobody hi\n",
        b"/nothing\n",
        b"MSG\n",
        b"MSG hello\n",
        b"JOIN\n",
        b"USERNAME cy\n",
        b"/msg bob hi there\n",
        b"QUIT\nMSG never\n",
    ],
};

/// Commands of the extensions, right and wrong.
pub(crate) const EXTENSIONS: [&[u8]; 14] = [
    b"/history\n",
    b"/topic tea at five\n",
    b"/history 3\n",
    b"/topic\n",
    b"/history 1000\n",
    b"/topic -\n",
    b"/history 2 before 9\n",
    b"/help\n",
    b"/history before 4\n",
    b"/history 0\n/history x\n/history 1 2\n",
    b"/help me\n/topics\n",
    b"/topic \xff\r\n/history\nand on\n/history 1\n",
    b"hi\n/history 2\nhi\n/topic coffee\n/history 2\nhi\n",
    b"LEAVE\n/topic x\nJOIN den\n/history 5\n",
];

/// Commands that concern accounts, right and wrong.
pub(crate) const ACCOUNTS: [&[u8]; 24] = [
    b"/login ann 12345678\n",
    b"/register 12345678\n",
    b"/login bob 87654321\n",
    b"/register ann 12345678\n",
    b"/ghost ann\n",
    b"/logout\n",
    b"/login ann 12345678\n/ghost ann\nJOIN den\n",
    b"/password 12345678 87654321\n",
    b"/password 87654321 12345678\n",
    b"/login ann 87654321\n",
    b"/register bob 87654321\n",
    b"/ghost bob\n",
    b"USERNAME ann\n/register 12345678\nJOIN den\nhi\n",
    b"/login bob 87654321\nJOIN den\n/logout\nUSERNAME cy\n",
    b"/register 1234567\n/register\n/register a b c\n/login ann\n/login ann 1234567\n",
    b"/login a\x7f 12345678\n/ghost\n/ghost a b\n/logout now\n/password x\n",
    b"/password 12345678 1234567\n/password 1234567 12345678\n/password a b c\n",
    b"/help\n/login  ann 12345678\n/register  12345678\n/password 12345678  12345678\n",
    b"USERNAME ann\nJOIN den\n",
    b"USERNAME bob\nJOIN attic\n",
    b"/logout\n/login ann 12345678\nJOIN den\n",
    b"hi\n/logout\nhi\n/login bob 87654321\n",
    b"/register bob 87654321\n/logout\n/login bob 87654321\n",
    b"/login ann 12345678\nhi\n/password 12345678 12345678\n",
];

impl Words {
    pub(crate) fn join(&self, room: usize, name: usize) -> Vec<u8> {
        let (room, name) = (pick(&ROOMS, room).as_bytes(), pick(&NAMES, name).as_bytes());
        match (self.name, self.room) {
            (b"", Some(join)) => [join, room, b" ", name, b"\n"].concat(),
            (ask, Some(join)) => [ask, name, b"\n", join, room, b"\n"].concat(),
            (ask, None) => [ask, name, b"\n"].concat(),
        }
    }

    pub(crate) fn name(&self, name: usize) -> Vec<u8> {
        [self.name, pick(&NAMES, name).as_bytes(), b"\n"].concat()
    }

    pub(crate) fn to_room(&self, room: usize) -> Vec<u8> {
        [self.room.unwrap_or(self.say), pick(&ROOMS, room).as_bytes(), b"\n"].concat()
    }

    pub(crate) fn say(&self, text: &[u8], end: &[u8]) -> Vec<u8> {
        [self.say, text, end].concat()
    }

    pub(crate) fn text(&self, line: usize) -> Vec<u8> {
        [self.say, pick(&TEXTS, line)].concat()
    }

    pub(crate) fn tell(&self, name: usize, length: usize) -> Vec<u8> {
        let text = vec![b'p'; length];
        let to = pick(&NAMES, name).as_bytes();
        [self.tell.unwrap_or(self.say), to, b" ", &text, b"\n"].concat()
    }
}

fn pick<T: Copy>(list: &[T], index: usize) -> T {
    list[index % list.len()]
}
