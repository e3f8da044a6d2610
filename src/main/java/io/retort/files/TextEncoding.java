package io.retort.files;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Optional;

/**
 * How the bytes of somebody else's text become letters: found out by the bytes themselves, or as the owner says.
 *
 * @param charset the encoding if somebody named it; empty to find out
 */
public record TextEncoding(Optional<Charset> charset) {
    /**
     * UTF-8 where it is that, UTF-16 and UTF-32 where a byte order mark says so, else Windows-1252 where the bytes look
     * like it, and then {@linkplain TextInput#note() told}.
     */
    public static final TextEncoding AUTO = new TextEncoding(Optional.empty());

    /**
     * The encoding of a name, such as {@code windows-1251} or {@code UTF-16LE}; {@code auto} to find out.
     *
     * @throws BadInput if no encoding is called so
     */
    public static TextEncoding of(String name) {
        if (name.equals("auto")) return AUTO;
        try {
            return new TextEncoding(Optional.of(Charset.forName(name)));
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            throw BadInput.of("there is no encoding `" + name + "`",
                    "name one such as utf-8, windows-1252, utf-16le or shift_jis, or auto").causedBy(e);
        }
    }

    /** The name that {@link #of} takes. */
    @Override
    public String toString() {
        return charset.map(Charset::name).orElse("auto");
    }
}
