//! Where the records of a stream begin, so that their number counts and not only their bytes.

/// What a record counts for beyond its bytes, in bytes. One may hold a byte, or new keys: those
/// take as long as opening some kilobytes. [common/prompt-2]
const RECORD_COST: usize = 1024;

/// How many bytes stand before the content of a record: its type, a version, its length.
const HEADER_BYTES: u8 = 5;

/// A place in a stream of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Records {
    /// How many bytes of a header have come, if it is not whole.
    header: u8,
    /// How many bytes of the content are missing, as far as the header has come.
    missing: u16,
}

impl Records {
    /// How many bytes of `raw`, which comes next, cost `budget`; at least one.
    pub(super) fn within(mut self, raw: &[u8], budget: usize) -> usize {
        self.walk(raw, budget.max(1)).0
    }

    /// `raw` has come; returns what it costs.
    pub(super) fn pass(&mut self, raw: &[u8]) -> usize {
        self.walk(raw, usize::MAX).1
    }

    /// Goes on until so much is spent. Returns how many bytes that are, and what they cost.
    fn walk(&mut self, raw: &[u8], budget: usize) -> (usize, usize) {
        let (mut at, mut cost) = (0, 0);
        while at < raw.len() && cost < budget {
            if self.header == 0 && self.missing > 0 {
                let most = usize::from(self.missing).min(raw.len() - at).min(budget - cost);
                self.missing -= u16::try_from(most).unwrap_or(self.missing);
                (at, cost) = (at + most, cost + most);
            } else {
                cost += if self.header == 0 { 1 + RECORD_COST } else { 1 };
                // The length comes last.
                self.missing = self.missing << 8 | u16::from(raw[at]);
                self.header = (self.header + 1) % HEADER_BYTES;
                at += 1;
            }
        }
        (at, cost)
    }
}

#[cfg(test)]
mod tests {
    use super::{RECORD_COST, Records};

    #[test]
    fn a_record_costs_the_same_however_it_is_cut() {
        let lengths = [0, 1, 255, 256, 16_640, 0, 0, 3];
        let record = |length: u16| {
            let mut record = vec![0x17, 3, 3];
            record.extend(length.to_be_bytes());
            record.resize(5 + usize::from(length), 0xAA);
            record
        };
        let stream: Vec<u8> = lengths.into_iter().flat_map(record).collect();
        let cost = stream.len() + lengths.len() * RECORD_COST;
        assert_eq!(Records::default().pass(&stream), cost);
        for piece in [1, 2, 3, 5, 7, 1_000] {
            let mut records = Records::default();
            let costs: usize = stream.chunks(piece).map(|raw| records.pass(raw)).sum();
            assert_eq!((costs, records), (cost, Records::default()), "{piece}");
        }
        for budget in [0, 1, 1_030, 5_000, 20_000, usize::MAX] {
            let (mut records, mut at) = (Records::default(), 0);
            while at < stream.len() {
                let most = records.within(&stream[at..], budget);
                let spent = records.pass(&stream[at..at + most]);
                assert!(most > 0 && spent <= budget.max(1).saturating_add(RECORD_COST), "{budget}");
                at += most;
            }
            assert_eq!(records, Records::default());
        }
    }
}
