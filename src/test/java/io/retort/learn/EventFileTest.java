package io.retort.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the real TensorBoard reads the file is checked by bench/peers/read_events.py. */
class EventFileTest {
    @TempDir
    Path work;

    @Test
    void everyRecordCarriesItsLengthAndTwoMaskedChecksums() throws IOException {
        List<byte[]> events = events(write());
        assertEquals(4, events.size());
        assertTrue(text(events.get(0)).contains("brain.Event:2"));
        assertTrue(text(events.get(2)).contains("train/loss") && text(events.get(2)).contains("train/learning_rate"));
        assertTrue(text(events.get(3)).contains("validation/hits@1"));
    }

    /** As protoc's {@code --decode} shows them: the bytes of a scalar's event, by the definitions of event.proto. */
    @Test
    void aScalarIsAnEventOfThatStep() throws IOException {
        byte[] event = events(write()).get(3);
        HexFormat hex = HexFormat.of();
        // wall_time; step 300; summary {value {tag "validation/hits@1", simple_value 0.5}}
        String name = hex.formatHex("validation/hits@1".getBytes(StandardCharsets.UTF_8));
        assertTrue(hex.formatHex(event).startsWith("09"));
        assertEquals("10ac02" + "2a1a" + "0a18" + "0a11" + name + "150000003f", hex.formatHex(event, 9, event.length));
    }

    private Path write() throws IOException {
        try (RunFolder folder = RunFolder.create(work.resolve("run"), JsonNodeFactory.instance.objectNode());
                EventFile file = new EventFile(folder, 2)) {
            file.started(0, false);
            for (int step = 1; step <= 2; step++) {
                TrainingTask.Step done = new TrainingTask.Step(new LinkedHashMap<>(Map.of("loss", 0.25)), 4, 40, 0);
                file.stepped(StepReport.of(step, done, 1e-3, 2, 0.5));
            }
            file.validated(new Validation(300, new LinkedHashMap<>(Map.of("hits@1", 0.5))), true);
            List<Path> files = folder.files("events.out.tfevents.", "");
            assertEquals(1, files.size());
            return files.getFirst();
        }
    }

    private static List<byte[]> events(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<byte[]> events = new ArrayList<>();
        while (in.hasRemaining()) {
            byte[] length = new byte[Long.BYTES];
            in.get(length);
            assertEquals(masked(length), in.getInt(), "checksum of the length");
            byte[] event = new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
            in.get(event);
            assertEquals(masked(event), in.getInt(), "checksum of the event");
            events.add(event);
        }
        return events;
    }

    /** Castagnoli's polynomial bit by bit, rotated right by 15 and moved by a constant. */
    private static int masked(byte[] bytes) {
        int crc = -1;
        for (byte b : bytes) {
            crc ^= b & 0xff;
            for (int bit = 0; bit < 8; bit++) crc = crc >>> 1 ^ ((crc & 1) == 0 ? 0 : 0x82f63b78);
        }
        crc = ~crc;
        return (crc >>> 15 | crc << 17) + 0xa282ead8;
    }

    private static String text(byte[] event) {
        return new String(event, StandardCharsets.ISO_8859_1);
    }
}
