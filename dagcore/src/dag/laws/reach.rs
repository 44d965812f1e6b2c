//! Which points lead to which, as a square of bits.

/// The square, a row for each point; a bit says that the row's point leads to the column's.
pub(super) struct Reach<'r> {
    bits: &'r mut [u64],
    /// The words of a row.
    words: usize,
}

/// How many words a square for so many points has.
pub(super) const fn words(points: usize) -> usize {
    points * points.div_ceil(64)
}

impl<'r> Reach<'r> {
    /// A square for so many points, in at least [`words`] words.
    pub(super) const fn new(bits: &'r mut [u64], points: usize) -> Self {
        let mut reach = Self { bits, words: points.div_ceil(64) };
        reach.clear();
        reach
    }

    /// Nothing leads to anything.
    pub(super) const fn clear(&mut self) {
        let mut at = 0;
        while at < self.bits.len() {
            self.bits[at] = 0;
            at += 1;
        }
    }

    pub(super) const fn lead(&mut self, from: usize, to: usize) {
        self.bits[from * self.words + to / 64] |= 1 << (to % 64);
    }

    /// Whether `from` is `to`, or leads to it.
    pub(super) const fn leads(&self, from: usize, to: usize) -> bool {
        from == to || self.has(from, to)
    }

    const fn has(&self, from: usize, to: usize) -> bool {
        self.bits[from * self.words + to / 64] & (1 << (to % 64)) != 0
    }

    /// What leads to a point leads to all that it leads to.
    pub(super) const fn close(&mut self, points: usize) {
        let mut through = 0;
        while through < points {
            let mut from = 0;
            while from < points {
                if self.has(from, through) {
                    let mut word = 0;
                    while word < self.words {
                        self.bits[from * self.words + word] |= self.bits[through * self.words + word];
                        word += 1;
                    }
                }
                from += 1;
            }
            through += 1;
        }
    }

    /// Takes over the other one. Whether that changes anything.
    pub(super) const fn become_other(&mut self, other: &Reach<'_>) -> bool {
        let mut changed = false;
        let mut at = 0;
        while at < self.bits.len() {
            changed = changed || self.bits[at] != other.bits[at];
            self.bits[at] = other.bits[at];
            at += 1;
        }
        changed
    }
}
