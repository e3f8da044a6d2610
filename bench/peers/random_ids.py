"""The random token ids of `retort bench`, by the same arithmetic, so that two frameworks can be given the same batches."""

import numpy as np


class RandomIds:
    """A linear congruential generator modulo 2^32, of which the upper 24 bits are used."""

    def __init__(self, vocabulary):
        self.vocabulary = vocabulary
        self.state = 1

    def batch(self, texts, length):
        """The next ids, int64 [texts, length]."""
        ids = np.empty(texts * length, dtype=np.int64)
        for i in range(ids.size):
            self.state = (self.state * 1_664_525 + 1_013_904_223) & 0xFFFFFFFF
            ids[i] = (self.state >> 8) % self.vocabulary
        return ids.reshape(texts, length)
