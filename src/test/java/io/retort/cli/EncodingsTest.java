package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncodingsTest {
    @ParameterizedTest
    @CsvSource({"US-ASCII, café", "US-ASCII, 日本", "ISO-8859-1, café", "windows-1252, ß"})
    void anArgumentThatTheLocaleGarblesIsRefusedWithTheLocaleToSet(String locale, String typed) {
        // What Java makes of the bytes that a terminal in UTF-8 sends.
        String seen = new String(typed.getBytes(StandardCharsets.UTF_8), Charset.forName(locale));
        BadInput refused = assertThrows(BadInput.class,
                () -> Encodings.requireReadable(Charset.forName(locale), "reply", "-c", seen));
        assertTrue(refused.getMessage().startsWith("argument 3 ("), refused.getMessage());
        assertTrue(refused.getMessage().contains("LC_ALL=C.UTF-8"), refused.getMessage());
    }

    @Test
    void bytesThatAreNotUtf8AreRefusedInAUtf8Locale() {
        String seen = new String("café".getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        assertThrows(BadInput.class, () -> Encodings.requireReadable(StandardCharsets.UTF_8, seen));
    }

    @Test
    void argumentsThatCameThroughWholeAreTaken() {
        Encodings.requireReadable(StandardCharsets.UTF_8, "café", "日本", "\ud83d\ude00", "");
        Encodings.requireReadable(StandardCharsets.ISO_8859_1, "café", "reply"); // a terminal of that encoding, too
        Encodings.requireReadable(StandardCharsets.US_ASCII, "reply");
    }

    @Test
    void aNameThatTheLocaleCannotSpellIsToldFromOneWithAZeroByte() {
        assertTrue(Encodings.problem(new InvalidPathException("caf\u00e9", "unmappable")).contains("LC_ALL=C.UTF-8"));
        assertTrue(Encodings.problem(new InvalidPathException("a\0b", "Nul")).contains("zero byte"));
    }
}
