"""Text that is read line by line or in blocks of whole lines, whichever suits what stands there."""

from typing import TextIO

BLOCK_CHARACTERS = 256 * 1024
SMALLEST_BLOCK_CHARACTERS = 4 * 1024
SHRINKS, GROWS = 16, 4


class Feed:
    """A text opened with `newline=""`, read by lines, with a look at the block of whole lines that comes next.

    Lines end as `io.TextIOBase.readline` sees them: with a line feed, a carriage return, or both.
    """

    def __init__(self, text: TextIO, *, longest: int) -> None:
        self._text = text
        self._longest = longest
        self._ahead = ""
        self._at = 0
        self._characters = BLOCK_CHARACTERS
        self.taken = 0
        """Characters given out so far."""

    def readline(self, most: int) -> str:
        """The next line with its end, or as many characters of it; "" at the end of the text."""
        line = self._line_ahead(most)
        if not line or (len(line) < most and line[-1] not in "\r\n"):
            line += self._text.readline(most - len(line))
        self.taken += len(line)
        return line

    def block(self) -> str:
        """The lines that come next, at most some hundred thousand characters; they are still there to be read.

        A line of more than `longest` characters may come without its end; "" at the end of the text.
        """
        if len(self._ahead) - self._at < self._characters:
            self._look_further(BLOCK_CHARACTERS)
        while (end := self._end_of_block()) == 0:
            if len(self._ahead) - self._at > self._longest or not self._look_further(BLOCK_CHARACTERS):
                return self._ahead[self._at :]
        return self._ahead[self._at : end]

    def skip(self, block: str) -> None:
        """Pass over a block that was used as it is; the next one may be larger."""
        self._at += len(block)
        self.taken += len(block)
        self._characters = min(BLOCK_CHARACTERS, GROWS * self._characters)

    def shrink(self) -> bool:
        """Have smaller blocks from here on, as this one is of no use; False where they are as small as can be."""
        smaller = max(SMALLEST_BLOCK_CHARACTERS, self._characters // SHRINKS)
        if smaller >= self._characters:
            return False
        self._characters = smaller
        return True

    def _end_of_block(self) -> int:
        """Where the last whole line within the block ends, or the first one if it is longer; 0 if none is whole."""
        stop = self._at + self._characters
        last = max(self._ahead.rfind(end, self._at, stop) for end in "\r\n")
        if last < 0:
            last = min((at for end in "\r\n" if (at := self._ahead.find(end, stop)) >= 0), default=-1)
        return last + (2 if self._ahead.startswith("\r\n", last) else 1)

    def _line_ahead(self, most: int) -> str:
        start, stop = self._at, min(len(self._ahead), self._at + most)
        feed = self._ahead.find("\n", start, stop)
        alone = self._ahead.find("\r", start, stop if feed < 0 else feed)
        if alone >= 0 and not self._ahead.startswith("\r\n", alone):
            stop = alone + 1
        elif feed >= 0:
            stop = feed + 1
        self._at = stop
        return self._ahead[start:stop]

    def _look_further(self, characters: int) -> bool:
        """Have more ahead, never ending between a carriage return and its line feed; False at the end of the text."""
        more = self._text.read(characters)
        while more.endswith("\r") and (after := self._text.read(1)):
            more += after
        self._ahead = self._ahead[self._at :] + more
        self._at = 0
        return bool(more)
