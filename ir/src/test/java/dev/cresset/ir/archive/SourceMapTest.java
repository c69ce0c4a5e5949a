package dev.cresset.ir.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.archive.pickle.PickleWriter;
import dev.cresset.ir.diag.ArchiveException;
import org.junit.jupiter.api.Test;

class SourceMapTest {
    /** A record of the old form for the text from a byte on: bytes 5 to 7 of an original text with an umlaut before. */
    private static PickleWriter oldRecord(PickleWriter to, int from) {
        return to.number(from).string("ü = ab").string("old.py").number(3).op(0x87).number(5).number(7).op(0x87)
                .op('N', 0x87);
    }

    @Test void offsetsAreCountedInBytes() {
        byte[] pickle = oldRecord(new PickleWriter().op('('), 8).op('t').end();
        SourceMap map = SourceMap.read("m.py.debug_pkl", pickle, "€😀 x");
        // The euro sign has three bytes and the face four, so byte 8 is character 4, the x.
        assertTrue(map.at(3).isEmpty());
        var range = map.at(4).orElseThrow();
        assertEquals("ab", range.source().text().substring(range.start(), range.end()));
        assertEquals(3, range.line());
    }

    @Test void recordsMustBeInOrder() {
        byte[] pickle = oldRecord(oldRecord(new PickleWriter().op('('), 8), 7).op('t').end();
        assertThrows(ArchiveException.class, () -> SourceMap.read("m.py.debug_pkl", pickle, "text"));
    }

    @Test void aStringTableThatRefersToItselfEnds() {
        byte[] pickle = new PickleWriter().string("FORMAT_WITH_STRING_TABLE").op('(').number(0).op('t', '(')
                .number(0).op(']', '(').number(0).op('e').number(0).number(1).op(0x87).number(0).number(0).op(0x87)
                        .number(0)
                .op(0x87, 't', 0x87).end();
        assertTrue(SourceMap.read("m.py.debug_pkl", pickle, "text").at(0).isEmpty());
    }
}
