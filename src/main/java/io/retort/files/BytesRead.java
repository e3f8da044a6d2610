package io.retort.files;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts the bytes of input files as they are stored, compressed or not, that some work reads, so that it can tell how
 * far it has come whatever the format. Files count that the work's own thread opens through {@link InputFile}. Any
 * thread may ask.
 */
public final class BytesRead {
    private static final ScopedValue<BytesRead> CURRENT = ScopedValue.newInstance();

    private final LongAdder bytes = new LongAdder();

    /**
     * Work whose input is counted.
     *
     * @param <T> its result
     */
    @FunctionalInterface
    public interface Work<T> {
        /** Reads, while the bytes that are read are counted. */
        T run() throws IOException;
    }

    /** Does some work, whose input this object counts from now on. */
    public <T> T during(Work<T> work) throws IOException {
        return ScopedValue.where(CURRENT, this).<T, IOException>call(work::run);
    }

    /** How many bytes have been read. */
    public long count() {
        return bytes.sum();
    }

    /** The stream, counted if somebody counts. */
    static InputStream counted(InputStream in) {
        return CURRENT.isBound() ? new Counted(in, CURRENT.get().bytes) : in;
    }

    private static final class Counted extends FilterInputStream {
        private final LongAdder bytes;

        Counted(InputStream in, LongAdder bytes) {
            super(in);
            this.bytes = bytes;
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            if (value >= 0) bytes.increment();
            return value;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, length);
            if (read > 0) bytes.add(read);
            return read;
        }
    }
}
