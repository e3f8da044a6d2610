package io.retort.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonFaultTest {
    private static final Path FILE = Path.of("f.jsonl");

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "{\"a\": NaN} | NaN and Infinity are no JSON numbers", "{\"a\": -Infinity} | NaN and Infinity",
        "{\"a\": Infinity} | NaN and Infinity", "{\"a\": +Infinity} | NaN and Infinity", "{\"a\": nan} | NaN and Inf",
        "[1, -NaN] | NaN and Inf",
        "{\"a\": True} | write true", "{\"a\": None} | write null", "{'a': 1} | not with '",
        "{\"a\": 1,} | comma too many", "{\"a\": 1 // x | no comments", "{ | ends before its object",
        "{\"a\": [1, 2] | ends before", "{\"a\": 1} {\"b\": 2} | put one JSON object on each line",
        "{\"a\": 1, \"a\": 2} | Duplicate field 'a'", "{\"a\": 01} | it cannot be understood",
        "{\"a\" 1} | unexpected", "hello | `hello` is no JSON value", "{\"a\": \"\\x\"} | f.jsonl:7"})
    void whatIsWrongIsSaidToWhoeverWroteIt(String text, String told) {
        assertTold(text, told);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\": \"x\ty\"}", "{\"a\": \"\u0001\"}"})
    void aBareControlCharacterIsNamed(String text) {
        assertTold(text, "a control character (U+00");
    }

    @Test
    void limitsAreTold() {
        assertTold("[".repeat(100) + "]".repeat(100), "nesting depth");
        assertTold("{\"a\": 1" + "0".repeat(200) + "}", "too many digits");
        assertTold("{\"" + "n".repeat(2000) + "\": 1}", "too long");
    }

    private static void assertTold(String text, String told) {
        String message = assertThrows(BadInput.class, () -> JsonRecord.parse(FILE, 7, text)).getMessage();
        assertTrue(message.contains(told), message);
        assertTrue(message.startsWith("f.jsonl:7: "), message);
        for (String advice : new String[]{"Feature", "ALLOW_", "REDACTED", "Source", "Constraints", "JsonNode",
            "Token"}) {
            assertFalse(message.contains(advice), message);
        }
    }

    @Test
    void settingsAreReadAsPythonWritesThem() {
        JsonNode json = JsonFile.parse(FILE, "\ufeff{\n\"limit\": [0.0, Infinity]}\n".getBytes(StandardCharsets.UTF_8));
        assertEquals(Double.POSITIVE_INFINITY, json.path("limit").path(1).doubleValue());
    }

    @Test
    void settingsThatAreNoJsonAreRefusedWithTheirLine() {
        assertRefused("{\n\"a\": 1,\n}", "f.jsonl:3: not valid JSON");
        assertRefused(" \n", "f.jsonl: is empty");
        assertRefused("{} {}", "more follows");
        BadInput utf16 = assertThrows(BadInput.class,
                () -> JsonFile.parse(FILE, "{}".getBytes(StandardCharsets.UTF_16)));
        assertTrue(utf16.getMessage().contains("UTF-16"), utf16.getMessage());
    }

    private static void assertRefused(String json, String told) {
        String message = assertThrows(BadInput.class,
                () -> JsonFile.parse(FILE, json.getBytes(StandardCharsets.UTF_8))).getMessage();
        assertTrue(message.contains(told), message);
    }
}
