package io.retort.files;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.zip.ZipException;

/** Takes the compression off a file, gzip or Zstandard, which its first bytes tell and not its name. */
final class Compression {
    /**
     * The largest window that a Zstandard file may ask for, as a power of two: 128 MiB, which is what the program
     * {@code zstd} itself allows. A hostile file cannot make this process take more memory.
     */
    private static final int LARGEST_WINDOW = 27;

    private Compression() {}

    /** What a file holds, without its compression, and how that begins. */
    record Content(InputStream bytes, FileHead head) {}

    /**
     * Looks at the first bytes and decompresses what follows, if need be.
     *
     * @throws BadInput if it was compressed twice
     */
    static Content of(Path file, InputStream raw) throws IOException {
        FileHead head = FileHead.of(raw);
        if (!head.isGzip() && !head.isZstandard()) return new Content(head.before(raw), head);
        InputStream whole = head.before(raw);
        InputStream plain = head.isGzip() ? new GzipInput(whole) : new Zstandard(whole);
        FileHead inner = FileHead.of(plain);
        if (inner.isGzip() && head.isGzip()) throw BadInput.in(file, "is gzipped twice", "unzip it once");
        if (inner.isGzip() || inner.isZstandard()) {
            throw BadInput.in(file, "is compressed twice", "decompress it once");
        }
        return new Content(inner.before(plain), inner);
    }

    /** Says what is wrong with a file whose compressed data are damaged, at a line if that is known (0 if not). */
    static BadInput damaged(Path file, long line, IOException cause) {
        String remedy = cause instanceof GzipInput.TrailingBytes
                ? "if the data before them are all there is, `gzip -dc` writes these"
                : "copy or download the file again";
        BadInput told = line == 0
                ? BadInput.in(file, cause.getMessage(), remedy)
                : BadInput.atLine(file, line, cause.getMessage(), remedy);
        return told.causedBy(cause);
    }

    /** Frames of Zstandard, one after another; whatever is wrong with them is a {@link ZipException}. */
    private static final class Zstandard extends BlockInput {
        private final InputStream frames;

        Zstandard(InputStream source) throws IOException {
            this.frames = new ZstdInputStreamNoFinalizer(source).setLongMax(LARGEST_WINDOW);
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            try {
                return frames.read(into, offset, length);
            } catch (ZstdIOException e) {
                String reason = String.valueOf(e.getMessage());
                ZipException told = new ZipException(reason.contains("Truncated")
                        ? "Zstandard data end early"
                        : "Zstandard data are damaged (" + reason + ")");
                told.initCause(e);
                throw told;
            }
        }

        @Override
        public void close() throws IOException {
            frames.close();
        }
    }
}
