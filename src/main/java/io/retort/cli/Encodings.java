package io.retort.cli;

import io.retort.files.BadInput;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;

/**
 * Java reads arguments, environment and file names in the encoding of the locale, which is ASCII in a bare container:
 * every other letter is lost before the program starts. The launcher sees to a UTF-8 locale; where it could not, or
 * Java was started without it, the loss is told instead of working on garbled texts.
 */
final class Encodings {
    private static final String REMEDY = "start with a UTF-8 locale (LC_ALL=C.UTF-8)";

    private Encodings() {}

    private static Charset ofArguments() {
        return Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"), StandardCharsets.UTF_8);
    }

    /**
     * Checks that arguments came through whole.
     *
     * @throws BadInput if letters of one were lost
     */
    static void requireReadable(String... arguments) {
        requireReadable(ofArguments(), arguments);
    }

    /** Checks that arguments that were read in a given encoding came through whole. */
    static void requireReadable(Charset encoding, String... arguments) {
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            if (argument.indexOf('\ufffd') >= 0) {
                throw BadInput.of("argument " + (i + 1) + " (" + argument + ") holds bytes that are not "
                        + encoding.name() + ", the encoding of this locale", REMEDY + ", and give arguments in UTF-8");
            }
            if (!encoding.equals(StandardCharsets.UTF_8) && isUtf8(argument.getBytes(encoding))) {
                throw BadInput.of("argument " + (i + 1) + " (" + argument + ") is UTF-8, but this locale reads it as "
                        + encoding.name(), REMEDY);
            }
        }
    }

    /** Whether bytes are UTF-8 and more than ASCII, which other encodings hardly ever are by chance. */
    private static boolean isUtf8(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return text.length() < bytes.length;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** Says why a text cannot be the name of a file. */
    static String problem(InvalidPathException e) {
        return e.getInput().indexOf('\0') >= 0
                ? "a name of a file with a zero byte in it"
                : e.getInput() + ": cannot be the name of a file in the encoding of this locale ("
                        + ofArguments().name() + "); " + REMEDY;
    }

    /** Warns where letters of the results would come out as question marks. */
    static void tellPoorOutput() {
        Charset encoding = System.out.charset();
        if (!encoding.equals(StandardCharsets.US_ASCII)) return;
        System.err.println("retort: standard output takes " + encoding.name() + " alone, other letters become \"?\"; "
                + REMEDY + ", or start Java with -Dstdout.encoding=UTF-8");
    }
}
