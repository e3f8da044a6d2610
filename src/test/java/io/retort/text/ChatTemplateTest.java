package io.retort.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import io.retort.files.BadInput;

class ChatTemplateTest {
    private static final JsonNode GOLDEN = read("chat_template_golden.json");
    /** Of the teacher that the experiments distil. */
    private static final JsonNode SMOLLM = read("smollm2_chat_template_golden.json");
    private static final List<ChatMessage> HELLO = List.of(new ChatMessage("user", "hello"));

    private static JsonNode read(String name) {
        try (InputStream in = ChatTemplateTest.class.getResourceAsStream(name)) {
            return new JsonMapper().readTree(in);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @TestFactory
    Stream<DynamicTest> promptsAreThoseOfTheReference() {
        return Stream.of(GOLDEN, SMOLLM).flatMap(file -> file.get("templates").valueStream()
                .map(template -> DynamicTest.dynamicTest(template.get("name").textValue(),
                        () -> agrees(template, file))));
    }

    private static void agrees(JsonNode golden, JsonNode file) {
        ChatTemplate template = ChatTemplate.parse(golden.get("template").textValue());
        Map<String, String> tokens = new LinkedHashMap<>();
        file.get("tokens").properties().forEach(token -> tokens.put(token.getKey(), token.getValue().textValue()));
        for (JsonNode expected : golden.get("cases")) {
            List<ChatMessage> messages = messages(expected);
            boolean add = expected.get("add").booleanValue();
            if (expected.has("refusal")) {
                assertTrue(assertThrows(BadInput.class, () -> template.render(messages, add, tokens)).getMessage()
                        .contains(expected.get("refusal").textValue()));
            } else {
                Prompt prompt = template.render(messages, add, tokens);
                assertEquals(expected.get("text").textValue(), prompt.text());
                trustedPiecesHoldNothingThatWasSaid(prompt);
            }
        }
    }

    private static List<ChatMessage> messages(JsonNode expected) {
        return expected.get("messages").valueStream()
                .map(message -> new ChatMessage(message.get("role").textValue(), message.get("content").textValue()))
                .toList();
    }

    private static void trustedPiecesHoldNothingThatWasSaid(Prompt prompt) {
        for (Prompt.Piece piece : prompt.pieces()) {
            for (String said : List.of("who's there", "1?", "thanks", "me ", "nice", "ok \ud83d\ude42")) {
                assertFalse(piece.trusted() && piece.text().contains(said), piece.text());
            }
        }
    }

    @Test
    void whatIsSaidStaysUntrustedThroughEveryOperation() {
        String template = "{% set c = messages[0].content %}{{ 'x' + c | trim ~ c.upper() + c.split('l')[0] "
                + "+ c.strip('h') + (c if c else '') + [c, 'y'][0] }}y";
        Prompt prompt = ChatTemplate.parse(template).render(HELLO, false, Map.of());
        assertEquals("xhelloHELLOheellohellohelloy", prompt.text());
        assertEquals(List.of(new Prompt.Piece("x", true), new Prompt.Piece("helloHELLOheellohellohello", false),
                new Prompt.Piece("y", true)), prompt.pieces());
    }

    @Test
    void whatIsNotSupportedIsNamedWithItsPlace() {
        Map.ofEntries(Map.entry("a\n{% macro f() %}{% endmacro %}", "line 2, column 4: `{% macro %}` is not supported"),
                Map.entry("{{ {'a': 1} }}", "line 1, column 4: a dictionary"),
                Map.entry("{{ messages | tojson }}", "line 1, column 13: the filter `tojson`"),
                Map.entry("{{ strftime_now('%d') }}", "line 1, column 4: this call of `strftime_now`"),
                Map.entry("{{ 1 / 2 }}", "column 6: `}}` expected instead of `/`"),
                Map.entry("{{ 1.5 }}", "a name expected instead of `5`"),
                Map.entry("{{ 'a'.title() }}", "the method `title`"),
                Map.entry("{{ 1 is odd }}", "the test `odd`"),
                Map.entry("{{ messages[0].content.name }}", "this member of text"),
                Map.entry("{{ nothing.name }}", "a member of `nothing`, which is undefined,"),
                Map.entry("{% for a, b in messages %}{% endfor %}", "a loop over pairs"),
                Map.entry("{% for a in messages if a %}{% endfor %}", "`if` in a loop"),
                Map.entry("{% for a in messages %}{{ loop.cycle }}{% endfor %}", "`loop.cycle`"),
                Map.entry("{% for a in 'abc' %}{% endfor %}", "a loop over text"),
                Map.entry("{% set x %}a{% endset %}", "`set` as a block"),
                Map.entry("{{ 'a' + 1 }}", "`+` of text and a number"), Map.entry("{{ 1 < 2 < 3 }}", "a chain"),
                Map.entry("{{ messages }}", "writing out a list"), Map.entry("{{ 1 % 0 }}", "a division by zero"),
                Map.entry("{{ '\\u0041' }}", "the escape `\\u`"), Map.entry("{{ a", "`{{` has no end"),
                Map.entry("{% if a %}", "`{% e"), Map.entry("{{ 'a }}", "`'` is not supported"),
                Map.entry("{# a", "the comment has no end"), Map.entry("{% endif %}", "`{% endif %}`"),
                Map.entry("{% set a.b = 1 %}", "`a` is no namespace"),
                Map.entry("{{ 9999999999 }}", "an integer of this size")).forEach(ChatTemplateTest::refused);
    }

    private static void refused(String template, String problem) {
        String message = assertThrows(BadInput.class,
                () -> ChatTemplate.parse(template).render(HELLO, true, Map.of())).getMessage();
        assertTrue(message.contains(problem), message);
        assertTrue(message.contains("the chat template at line ") && message.contains("--prompt continuation"),
                message);
    }

    @Test
    void hostileTemplatesAreStopped() {
        refusedAsHostile("x".repeat(1 << 19), "characters");
        refusedAsHostile("{{ " + "(".repeat(200) + "1" + ")".repeat(200) + " }}", "nested deeper");
        refusedAsHostile("{{ " + "not ".repeat(200) + "1 }}", "nested deeper");
        refusedAsHostile("{% if 1 %}".repeat(200) + "{% endif %}".repeat(200), "nested deeper");
        refusedAsHostile("{% if 1 %}" + "{% elif 1 %}".repeat(200) + "{% endif %}", "nested deeper");
        refusedAsHostile("{{ 1" + " + 1".repeat(50_000) + " }}", "words");
        String lists = "{% set x = [1, 2, 3, 4, 5, 6, 7, 8, 9] %}";
        refusedAsHostile(lists + "{% for a in x %}".repeat(20) + "x" + "{% endfor %}".repeat(20), "too much work");
        refusedAsHostile("{% set ns = namespace(t='xx') %}" + lists + "{% for a in x %}".repeat(3)
                + "{% set ns.t = ns.t + ns.t %}" + "{% endfor %}".repeat(3), "too much work");
    }

    private static void refusedAsHostile(String template, String problem) {
        String message = assertThrows(BadInput.class,
                () -> ChatTemplate.parse(template).render(HELLO, true, Map.of())).getMessage();
        assertTrue(message.contains(problem), message);
    }

    @Test
    void mutatedTemplatesAreRefusedOrRendered() {
        Random random = new Random(7);
        List<String> templates = GOLDEN.get("templates").valueStream().map(t -> t.get("template").textValue()).toList();
        int rendered = 0;
        for (int round = 0; round < 4_000; round++) {
            StringBuilder template = new StringBuilder(templates.get(random.nextInt(templates.size())));
            int changes = 1 + random.nextInt(3);
            for (int i = 0; i < changes; i++) {
                int from = random.nextInt(template.length());
                int to = Math.min(template.length(), from + 1 + random.nextInt(8));
                if (random.nextBoolean()) template.delete(from, to);
                else template.insert(random.nextInt(template.length()), template.substring(from, to));
            }
            try {
                ChatTemplate.parse(template.toString()).render(HELLO, true, Map.of("bos_token", "<s>"));
                rendered++;
            } catch (BadInput e) {
                // Refused, as it should be.
            }
        }
        assertTrue(rendered > 200 && rendered < 3_800, rendered + " of 4000 rendered");
    }
}
