package dev.cresset.ir.diag;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FlagsTest {
    @Test void readsTypedValues() {
        Properties properties = new Properties();
        properties.setProperty("cresset.dump", "passes, kernels");
        properties.setProperty("cresset.dump.dir", "out");
        properties.setProperty("cresset.opt.limit", "inline:3");
        properties.setProperty("cresset.verify", "pass");
        Flags flags = Flags.fromProperties(properties);
        assertEquals(Set.of(Flags.Dump.PASSES, Flags.Dump.KERNELS), flags.get(Flags.DUMP));
        assertEquals(Optional.of(Path.of("out")), flags.get(Flags.DUMP_DIR));
        assertEquals(Optional.of(new Flags.Limit("inline", 3)), flags.get(Flags.OPT_LIMIT));
        assertEquals(Flags.Verify.PASS, flags.get(Flags.VERIFY));
        assertEquals(Set.of(), flags.get(Flags.DISABLE));
    }

    @Test void refusesWhatItDoesNotKnow() {
        var e = assertThrows(CressetException.class, () -> Flags.parse(Map.of("dmup", "passes")));
        assertTrue(e.getMessage().contains("no flag 'dmup'") && e.getMessage().contains("dump.dir"), e.getMessage());
        e = assertThrows(CressetException.class, () -> Flags.parse(Map.of("verify", "sometimes")));
        assertEquals("flag verify cannot be 'sometimes': expected pass, stage or off", e.getMessage());
        assertThrows(CressetException.class, () -> Flags.parse(Map.of("opt.limit", "inline:x")));
    }

    @Test void refusesTwoFlagsOfOneName() {
        assertThrows(IllegalArgumentException.class, () -> Flags.distinct(List.of(Flags.DUMP, Flags.VERIFY,
            Flags.DUMP)));
    }

    @Test void tableNamesEveryFlag() {
        for (Flags.Flag<?> f : Flags.ALL) assertTrue(Flags.table().contains(f.name() + " "), f.name());
    }
}
