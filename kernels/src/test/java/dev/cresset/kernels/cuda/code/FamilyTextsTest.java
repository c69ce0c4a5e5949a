package dev.cresset.kernels.cuda.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Any families share a module, so what they declare has different names. */
class FamilyTextsTest {
    private static final Pattern DECLARED = Pattern.compile("^(?:template <[^>]*> )?struct (\\w+) \\{|^#define (\\w+)", Pattern.MULTILINE);

    @Test void namesAreOfOneFamily() {
        Set<String> families = Stream.concat(RealCompilerTest.families().stream(), RealCompilerTest.attention().stream())
            .flatMap(k -> k.families().stream()).collect(Collectors.toCollection(TreeSet::new));
        assertTrue(families.size() > 10, families.toString());
        families.addAll(Set.of("prelude.cuh", "loop.cuh"));
        Map<String, String> owners = new TreeMap<>();
        for (String f : families) {
            Set<String> own = new TreeSet<>();
            for (Matcher m = DECLARED.matcher(Prelude.resource(f)); m.find();) own.add(m.group(1) != null ? m.group(1) : m.group(2));
            for (String name : own) assertEquals(f, owners.computeIfAbsent(name, _ -> f), name);
        }
        assertTrue(owners.containsKey("check_range_args") && owners.containsKey("range_args"), owners.toString());
    }
}
