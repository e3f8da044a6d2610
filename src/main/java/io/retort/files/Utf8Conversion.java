package io.retort.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Bytes of a text in any encoding, given out as UTF-8. One thread. */
abstract sealed class Utf8Conversion extends BlockInput {
    final Path file;
    /** What made reading end: whoever reads on all the same gets it again. */
    private BadInput fault;

    private Utf8Conversion(Path file) {
        this.file = file;
    }

    /**
     * Chooses the conversion by what the owner says, or else by the first bytes.
     *
     * @throws BadInput if they are of a file that is no text
     */
    static Utf8Conversion of(Path file, Compression.Content content, TextEncoding encoding) throws IOException {
        FileHead head = content.head();
        Optional<Charset> marked = head.markedEncoding();
        if (encoding.charset().isPresent()) {
            Charset charset = encoding.charset().get();
            boolean skip = head.hasUtf8Mark() || marked.isPresent();
            return charset.equals(StandardCharsets.UTF_8)
                    ? new Guess(file, content.bytes(), head.hasUtf8Mark(), false)
                    : new Decoded(file, content.bytes(), charset, skip, Optional.empty());
        }
        if (marked.isPresent()) {
            return new Decoded(file, content.bytes(), marked.get(), true,
                    Optional.of("is " + marked.get().name() + ", by its byte order mark, and was converted"));
        }
        head.requireText(file);
        return new Guess(file, content.bytes(), head.hasUtf8Mark(), true);
    }

    /** What a user should know of the conversion; see {@link TextInput#note()}. */
    abstract Optional<String> note();

    final BadInput stop(BadInput e) {
        fault = e;
        return e;
    }

    final void requireNoFault() {
        if (fault != null) throw fault;
    }

    /** The place of the first byte that is not UTF-8 in a text that is otherwise, counted from 0; -1 if there is none. */
    long damage() {
        return -1;
    }

    /** Text of an encoding that is known, decoded strictly. */
    private static final class Decoded extends Utf8Conversion {
        private final Reader text;
        private final Charset charset;
        private final Optional<String> note;
        private final char[] letters = new char[1 << 13];
        private byte[] encoded = new byte[0];
        private int position;
        private boolean atStart;
        private boolean ended;

        Decoded(Path file, InputStream bytes, Charset charset, boolean marked, Optional<String> note) {
            super(file);
            this.text = new InputStreamReader(bytes, charset.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT));
            this.charset = charset;
            this.note = note;
            this.atStart = marked;
        }

        @Override
        Optional<String> note() {
            return note;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            requireNoFault();
            if (length == 0) return 0;
            while (position == encoded.length) {
                if (ended) return -1;
                decode();
            }
            int count = Math.min(length, encoded.length - position);
            System.arraycopy(encoded, position, into, offset, count);
            position += count;
            return count;
        }

        private void decode() throws IOException {
            try {
                int count = text.read(letters, 0, letters.length - 1);
                if (count > 0 && Character.isHighSurrogate(letters[count - 1])) {
                    int other = text.read();
                    if (other >= 0) letters[count++] = (char) other;
                }
                ended = count < 0;
                int from = atStart && count > 0 && letters[0] == '\ufeff' ? 1 : 0;
                atStart = false;
                encoded = ended
                        ? new byte[0]
                        : new String(letters, from, count - from).getBytes(StandardCharsets.UTF_8);
                position = 0;
            } catch (CharacterCodingException e) {
                throw stop(BadInput.in(file, "is not " + charset.name() + " throughout",
                        "name the encoding that it has, or mend it").causedBy(e));
            }
        }

        @Override
        public void close() throws IOException {
            text.close();
        }
    }

    /**
     * Text that is UTF-8 until a byte shows that it is not. If all before that byte was ASCII and the bytes after it
     * look like a language of Western Europe, it is Windows-1252 from there on (and before, since ASCII is the same in
     * both). If there was UTF-8 before, the file is damaged in this place, which is for whoever decodes it to tell.
     */
    private static final class Guess extends Utf8Conversion {
        private static final int BLOCK = 1 << 16;
        /** What a byte of Windows-1252 is in UTF-8; null where it is nothing. */
        private static final byte[][] WINDOWS_1252 = windows1252();

        private enum State {
            ASCII, UTF_8, DAMAGED, WINDOWS
        }

        private final InputStream bytes;
        private final boolean guesses;
        private State state = State.ASCII;
        private final boolean marked;
        /** Bytes as they are in the file, of which those before {@link #position} have been given out. */
        private final byte[] block = new byte[BLOCK];
        private int position;
        private int limit;
        /** Bytes of the file before the block. */
        private long before;
        private long first = -1;
        private long damage = -1;
        /** The beginning of a letter at the end of a block, which the next block completes. */
        private byte[] carried = new byte[0];
        private byte[] converted = new byte[0];
        private int convertedPosition;

        Guess(Path file, InputStream bytes, boolean marked, boolean guesses) {
            super(file);
            this.bytes = bytes;
            this.guesses = guesses;
            this.marked = marked;
        }

        @Override
        Optional<String> note() {
            return first < 0
                    ? Optional.empty()
                    : Optional.of(String.format(Locale.ROOT,
                            "is not UTF-8 (first at byte %,d) and was read as Windows-1252", first + 1));
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            requireNoFault();
            if (length == 0) return 0;
            while (true) {
                if (convertedPosition < converted.length) {
                    int count = Math.min(length, converted.length - convertedPosition);
                    System.arraycopy(converted, convertedPosition, into, offset, count);
                    convertedPosition += count;
                    return count;
                }
                if (position < limit) {
                    int count = Math.min(length, limit - position);
                    System.arraycopy(block, position, into, offset, count);
                    position += count;
                    return count;
                }
                if (!fill()) return -1;
                if (state == State.WINDOWS) convert();
            }
        }

        @Override
        long damage() {
            return damage;
        }

        private boolean fill() throws IOException {
            before += limit;
            int had = carried.length;
            System.arraycopy(carried, 0, block, 0, had);
            carried = new byte[0];
            int read = bytes.readNBytes(block, had, block.length - had);
            limit = had + read;
            position = 0;
            if (before == 0 && guesses) requireNoZero();
            if (before == 0 && marked) position = Math.min(3, limit);
            if (state != State.WINDOWS && state != State.DAMAGED) check(read < block.length - had);
            return limit + carried.length > 0;
        }

        /** No text has zero bytes; one that would be all right elsewhere in the file is for its line to tell. */
        private void requireNoZero() {
            for (int i = 0; i < limit; i++) {
                if (block[i] != 0) continue;
                throw BadInput.in(file, "holds zero bytes: it is no text, or UTF-16 without its mark",
                        "if it is text, name its encoding (the setting `encoding`: utf-16le, …)");
            }
        }

        /** Looks for the first byte of the block that is not UTF-8, and decides what that means. */
        private void check(boolean last) {
            int at = Utf8Validity.firstNonAscii(block, position, limit);
            while (at < limit) {
                int length = Utf8Validity.sequence(block, at, limit);
                if (length > 0) {
                    state = State.UTF_8;
                    at = Utf8Validity.firstNonAscii(block, at + length, limit);
                } else if (length == Utf8Validity.CUT && !last) {
                    carried = Arrays.copyOfRange(block, at, limit);
                    limit = at;
                    return;
                } else {
                    notUtf8(at);
                    return;
                }
            }
        }

        private void notUtf8(int at) {
            if (state == State.UTF_8 || !guesses) {
                state = State.DAMAGED;
                damage = before + at;
                return;
            }
            if (!looksWestern(at)) {
                throw stop(BadInput.in(file,
                        String.format(Locale.ROOT,
                                "is not UTF-8 (first at byte %,d), nor does it look like Windows-1252",
                                before + at + 1),
                        "if it is text, name its encoding (the setting `encoding`: windows-1251, shift_jis, …)"));
            }
            state = State.WINDOWS;
            first = before + at;
        }

        /** Whether the bytes around the first that is not UTF-8 could be a text of Western Europe. */
        private boolean looksWestern(int at) {
            int ascii = 0;
            int high = 0;
            for (int i = Math.max(0, at - 512); i < limit; i++) {
                int value = block[i] & 0xff;
                if (WINDOWS_1252[value] == null) return false;
                if (value < 0x20 && (value < '\t' || value > '\r') && value != 0x1a && value != 0x1b) return false;
                if (value >= 0x80) {
                    high++;
                } else if (Character.isLetterOrDigit(value)) {
                    ascii++;
                }
            }
            return high <= 2 || high * 2 <= ascii;
        }

        private void convert() {
            int size = 0;
            for (int i = position; i < limit; i++) size += utf8(i).length;
            byte[] text = new byte[size];
            int end = 0;
            for (int i = position; i < limit; i++) {
                byte[] letter = utf8(i);
                for (byte value : letter) text[end++] = value;
            }
            converted = text;
            convertedPosition = 0;
            position = limit;
        }

        private byte[] utf8(int at) {
            byte[] letter = WINDOWS_1252[block[at] & 0xff];
            if (letter != null) return letter;
            throw stop(BadInput.in(file,
                    String.format(Locale.ROOT, "is neither UTF-8 (first at byte %,d) nor Windows-1252 (at byte %,d)",
                            first + 1, before + at + 1),
                    "if it is text, name its encoding (the setting `encoding`: windows-1251, shift_jis, …)"));
        }

        private static byte[][] windows1252() {
            Charset charset = Charset.forName("windows-1252");
            byte[][] table = new byte[256][];
            for (int i = 0; i < 256; i++) {
                String letter = new String(new byte[]{(byte) i}, charset);
                if (!letter.equals("\ufffd")) table[i] = letter.getBytes(StandardCharsets.UTF_8);
            }
            return table;
        }

        @Override
        public void close() throws IOException {
            bytes.close();
        }
    }
}
