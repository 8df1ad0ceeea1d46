//! Faults of delivery.

/// The fault of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No fault.
    None,
    /// One member does not get a line.
    Loses,
    /// No member gets a line.
    LosesForAll,
    /// One member gets a line twice.
    Repeats,
    /// One member gets two lines in the other order.
    Reorders,
    /// One member gets a line with another byte in it.
    Changes,
    /// One member gets a line that no sender sent, after all others.
    Invents,
    /// One member is disconnected.
    Closes,
    /// A sender does not get the receipt of a line.
    KeepsAReceipt,
    /// A sender gets a receipt twice.
    RepeatsAReceipt,
}

/// The number of the faulty line, counted from 0 in each room.
const LINE: usize = 9;

impl Fault {
    /// All faults that show in the delivered bytes.
    pub(crate) const ALL: [Fault; 6] = [
        Fault::Loses,
        Fault::LosesForAll,
        Fault::Repeats,
        Fault::Reorders,
        Fault::Changes,
        Fault::Invents,
    ];

    /// How often the receipt of line `number` is sent.
    pub(crate) fn receipts(self, number: usize) -> usize {
        match self {
            Fault::KeepsAReceipt if number == LINE => 0,
            Fault::RepeatsAReceipt if number == LINE => 2,
            _ => 1,
        }
    }

    /// The bytes for a member in place of line `number`; `None` closes its connection. `held` keeps
    /// a line back.
    pub(crate) fn apply(
        self,
        number: usize,
        line: &[u8],
        chosen: bool,
        held: &mut Vec<u8>,
    ) -> Option<Vec<u8>> {
        let mut line = line.to_vec();
        match self {
            Fault::LosesForAll if number == LINE => line.clear(),
            _ if !chosen => {}
            Fault::Loses if number == LINE => line.clear(),
            Fault::Repeats if number == LINE => line = line.repeat(2),
            Fault::Reorders if number == LINE => held.append(&mut line),
            Fault::Reorders if number == LINE + 1 => line.append(held),
            Fault::Changes if number == LINE => change(&mut line),
            // A line before the sender's next line, so that it is not one that is due by then.
            Fault::Invents if number == LINE => {
                let mut invented = line.clone();
                change(&mut invented);
                line.append(&mut invented);
            }
            Fault::Closes if number == LINE => return None,
            _ => {}
        }
        Some(line)
    }
}

/// Changes one byte of the text: its padding.
fn change(line: &mut [u8]) {
    let place = line.iter().rposition(|&byte| byte == b'x').expect("lines are padded");
    line[place] = b'y';
}
