package io.retort.learn;

import java.nio.channels.Channels;
import io.retort.files.OutputChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;

/**
 * {@code training/events.out.tfevents.…}: the same numbers for TensorBoard, a file for each session. A file is a row of
 * records, each {@code u64 length, u32 masked CRC32C of the length, bytes, u32 masked CRC32C of the bytes}, all
 * little-endian; the bytes are an {@code Event} in protocol buffers, of which scalars need a few fields alone.
 */
final class EventFile implements TrainingListener {
    private static final int MASK = 0xa282ead8;
    /** Field numbers of the messages in TensorFlow's event.proto and summary.proto that are written here. */
    private static final int WALL_TIME = 1, STEP = 2, VERSION = 3, SUMMARY = 5, SESSION = 7, VALUE = 1, TAG = 1,
            SIMPLE_VALUE = 2, STATUS = 1;
    private static final int VARINT = 0, FIXED64 = 1, DELIMITED = 2, FIXED32 = 5;
    private static final int SESSION_START = 1;

    private final RunFolder folder;
    private final long every;
    private OutputStream out;

    EventFile(RunFolder folder, long every) {
        this.folder = folder;
        this.every = every;
    }

    /** Writes the start of a session, which makes TensorBoard forget what earlier files say of later steps. */
    @Override
    public void started(long steps, boolean resumed) throws IOException {
        long millis = System.currentTimeMillis();
        Path file = folder
                .file(String.format(Locale.ROOT, "events.out.tfevents.%d.%03d.retort", millis / 1000, millis % 1000));
        out = Channels.newOutputStream(OutputChannel.open(file, StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE));
        write(event(0, VERSION, "brain.Event:2".getBytes(StandardCharsets.UTF_8)));
        ByteArrayOutputStream session = new ByteArrayOutputStream();
        number(session, STATUS, SESSION_START);
        write(event(resumed ? steps + 1 : 0, SESSION, session.toByteArray()));
    }

    @Override
    public void stepped(StepReport report) throws IOException {
        if (report.number() % every != 0) return;
        ByteArrayOutputStream summary = new ByteArrayOutputStream();
        for (Map.Entry<String, Double> loss : report.losses().entrySet()) {
            scalar(summary, "train/" + loss.getKey(), loss.getValue());
        }
        scalar(summary, "train/learning_rate", report.learningRate());
        scalar(summary, "train/gradient_norm", report.gradientNorm());
        scalar(summary, "speed/examples_per_second", report.examples() / report.seconds());
        scalar(summary, "speed/tokens_per_second", report.tokens() / report.seconds());
        write(event(report.number(), SUMMARY, summary.toByteArray()));
    }

    @Override
    public void validated(Validation validation, boolean best) throws IOException {
        ByteArrayOutputStream summary = new ByteArrayOutputStream();
        validation.metrics().forEach((name, value) -> scalar(summary, "validation/" + name, value));
        write(event(validation.step(), SUMMARY, summary.toByteArray()));
    }

    private static void scalar(ByteArrayOutputStream summary, String tag, double value) {
        ByteArrayOutputStream one = new ByteArrayOutputStream();
        bytes(one, TAG, tag.getBytes(StandardCharsets.UTF_8));
        key(one, SIMPLE_VALUE, FIXED32);
        one.writeBytes(littleEndian(Float.BYTES).putFloat((float) value).array());
        bytes(summary, VALUE, one.toByteArray());
    }

    private static byte[] event(long step, int field, byte[] content) {
        ByteArrayOutputStream event = new ByteArrayOutputStream();
        key(event, WALL_TIME, FIXED64);
        event.writeBytes(littleEndian(Double.BYTES).putDouble(System.currentTimeMillis() / 1e3).array());
        number(event, STEP, step);
        bytes(event, field, content);
        return event.toByteArray();
    }

    private static void bytes(ByteArrayOutputStream out, int field, byte[] content) {
        key(out, field, DELIMITED);
        varint(out, content.length);
        out.writeBytes(content);
    }

    private static void number(ByteArrayOutputStream out, int field, long value) {
        key(out, field, VARINT);
        varint(out, value);
    }

    private static void key(ByteArrayOutputStream out, int field, int wireType) {
        varint(out, field << 3 | wireType);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        for (; (value & ~0x7FL) != 0; value >>>= 7) out.write((int) (value & 0x7F | 0x80));
        out.write((int) value);
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void write(byte[] event) throws IOException {
        byte[] length = littleEndian(Long.BYTES).putLong(event.length).array();
        ByteBuffer entry = littleEndian(length.length + event.length + 2 * Integer.BYTES);
        out.write(entry.put(length).putInt(masked(length)).put(event).putInt(masked(event)).array());
    }

    /**
     * Masks a checksum as the format wants it, so that the checksum of bytes that hold checksums is no special value.
     */
    private static int masked(byte[] bytes) {
        int crc = new Checksum().update(bytes, 0, bytes.length).value();
        return Integer.rotateRight(crc, 15) + MASK;
    }

    @Override
    public void close() throws IOException {
        if (out != null) out.close();
    }
}
