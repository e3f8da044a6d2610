package io.retort.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Java fills in the structs of scan.cuh field by field, at the offsets of the comments there. */
class ScanStructTest {
    private static final Path SOURCE = Path.of("src/main/cuda/io/retort/gpu/scan.cuh");
    private static final Pattern FIELD = Pattern
            .compile("\\s+(?:const )?(?<type>\\w+\\*?) (?<name>\\w+)(?:\\[(?<length>\\d+)])?;"
                    + "(?:\\s+//\\s+(?<offset>\\d+).*)?");

    /** A field as the source has it; the compiler puts it at the next multiple of its bytes. */
    private record Field(int offset, int bytes) {
    }

    @Test
    void offsetsInTheCommentsAreThoseOfTheCompiler() {
        for (String struct : new String[]{"Scan", "Phase"}) {
            int end = 0;
            for (Map.Entry<String, Field> entry : fields(struct).entrySet()) {
                Field field = entry.getValue();
                int aligned = (end + field.bytes - 1) / field.bytes * field.bytes;
                assertEquals(aligned, field.offset, struct + "." + entry.getKey());
                end = aligned + field.bytes;
            }
        }
    }

    @Test
    void eachValueIsWrittenToItsField() {
        try (Arena arena = Arena.ofConfined()) {
            ScanStruct struct = new ScanStruct(arena);
            ScanShape shape = new ScanShape(1001, 18, ScreenFormat.FLOAT16);
            struct.rows(shape, 1L << 40 | 1, 1L << 40 | 2, 1L << 40 | 3, 1L << 40 | 4, 1L << 40 | 5);
            struct.work(1L << 41 | 1, 1L << 41 | 2, 1L << 41 | 3, 1L << 41 | 4, 1L << 41 | 5, 1L << 41 | 6,
                    1L << 41 | 7, 1L << 41 | 8, 1L << 41 | 9, 1L << 41 | 10, 1L << 41 | 11, 1L << 41 | 12,
                    1L << 41 | 13);
            struct.sizes(92, 93, 94);
            Map<String, Long> expected = new LinkedHashMap<>();
            String[] ofRows = {"codes", "scales", "tileSlack", "rowSlack", "floats"};
            for (int i = 0; i < ofRows.length; i++) expected.put(ofRows[i], 1L << 40 | 1 + i);
            String[] ofWork = {"allowed", "given", "exact", "queryCodes", "bounds", "thresholds", "counts",
                "overflowed", "candidates", "kept", "results", "resultCounts", "lists"};
            for (int i = 0; i < ofWork.length; i++) expected.put(ofWork[i], 1L << 41 | 1 + i);
            expected.putAll(Map.of("count", 1001L, "dims", 18L, "paddedDims", 32L, "chunks", 8L,
                    "queries", 92L, "slots", 93L, "k", 94L));
            assertEquals(expected, values("Scan", struct.scan()));
        }
    }

    @Test
    void eachValueOfAPhaseToo() {
        try (Arena arena = Arena.ofConfined()) {
            ScanStruct struct = new ScanStruct(arena);
            for (boolean direct : new boolean[]{true, false}) {
                struct.phase(new ScanPhase(11, 12, 13, 14, direct), 16);
                assertEquals(Map.of("first", 11L, "tiles", 12L, "stride", 13L, "ratio", 14L, "direct", direct ? 1L : 0L,
                        "firstQuery", 16L), values("Phase", struct.phase()));
            }
        }
    }

    /** What the fields that have an offset hold; the struct ends with the last one, at a multiple of its widest. */
    private static Map<String, Long> values(String struct, MemorySegment segment) {
        Map<String, Long> values = new LinkedHashMap<>();
        int end = 0;
        for (Map.Entry<String, Field> entry : fields(struct).entrySet()) {
            Field field = entry.getValue();
            end = field.offset + field.bytes;
            if (entry.getKey().equals("pad")) continue;
            values.put(entry.getKey(), field.bytes == 8
                    ? segment.get(ValueLayout.JAVA_LONG, field.offset)
                    : (long) segment.get(ValueLayout.JAVA_INT, field.offset));
        }
        assertEquals((end + 7) / 8 * 8, segment.byteSize(), struct);
        return values;
    }

    private static Map<String, Field> fields(String struct) {
        Map<String, Field> fields = new LinkedHashMap<>();
        boolean inside = false;
        for (String line : lines()) {
            if (line.equals("struct " + struct + " {")) inside = true;
            else if (inside && line.equals("};")) return fields;
            else if (inside) {
                Matcher matcher = FIELD.matcher(line);
                assertTrue(matcher.matches(), line);
                add(fields, matcher);
            }
        }
        throw new AssertionError("no struct " + struct + " in " + SOURCE);
    }

    private static void add(Map<String, Field> fields, Matcher line) {
        String type = line.group("type");
        assertTrue(type.endsWith("*") || type.equals("int"), type);
        if (line.group("offset") != null) {
            fields.put(line.group("name"),
                    new Field(Integer.parseInt(line.group("offset")), type.endsWith("*") ? 8 : 4));
        } else {
            // Only padding has none; it follows the field before.
            assertEquals("pad", line.group("name"));
            Field before = fields.values().stream().reduce((a, b) -> b).orElseThrow();
            int end = before.offset + before.bytes;
            fields.put("pad", new Field(end, 4 * Integer.parseInt(line.group("length"))));
        }
    }

    private static Iterable<String> lines() {
        try {
            return Files.readAllLines(SOURCE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
