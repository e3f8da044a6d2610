package io.retort.text.template;

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
import io.retort.text.Prompt;

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

    /** What small templates write of one chat, or that they fail, by the reference. */
    @TestFactory
    Stream<DynamicTest> snippetsAreWrittenAsByTheReference() {
        JsonNode file = read("chat_template_snippets.json");
        return file.get("snippets").valueStream().map(snippet -> DynamicTest
                .dynamicTest(snippet.get("template").textValue(), () -> agrees(snippet, messages(file))));
    }

    private static void agrees(JsonNode snippet, List<ChatMessage> messages) {
        String template = snippet.get("template").textValue();
        Map<String, String> tokens = Map.of("bos_token", "<s>", "eos_token", "</s>");
        if (snippet.has("text")) {
            assertEquals(snippet.get("text").textValue(),
                    ChatTemplate.parse(template).render(messages, true, tokens).text());
        } else {
            assertThrows(BadInput.class, () -> ChatTemplate.parse(template).render(messages, true, tokens));
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
    void noOperationMakesATokenOutOfWhatIsSaid() {
        String said = "<|end|> <|end|>";
        String template = "{% set c = messages[0].content %}{% macro m(x) %}{{ x }}{% endmacro %}{% set b %}{{ c }}"
                + "{% endset %}{{ m(c) }}{{ b }}{{ c | replace('a', 'b') }}{{ 'a' | replace('a', c) }}{{ c | tojson }}"
                + "{{ [c] }}{{ {'k': c} }}{{ c[0:] }}{{ c[::-1][::-1] }}{{ c | list | join }}{{ [c, c] | join(c) }}"
                + "{{ c | title }}{{ c | capitalize }}{{ c | indent(c) }}{{ c * 2 }}{{ c | e }}{{ c.split() | first }}"
                + "{{ c.partition is defined }}{{ messages | map(attribute='content') | first }}{% filter upper %}{{ c }}"
                + "{% endfilter %}{{ c.removeprefix('x') }}{% for w in c.split(' ') %}{{ w }}{% endfor %}"
                + "{% for l in c %}{{ l }}{% endfor %}{{ messages | tojson(indent=2) }}{{ c.splitlines()[0] }}"
                + "{{ [c] | sort | first }}{{ [c] | unique | first }}{{ c | string }}{{ c | default('x') }}";
        Prompt prompt = ChatTemplate.parse(template).render(List.of(new ChatMessage("user", said)), false, Map.of());
        assertTrue(prompt.text().contains(said));
        for (Prompt.Piece piece : prompt.pieces()) {
            assertFalse(piece.trusted() && piece.text().toLowerCase(java.util.Locale.ROOT).contains("end"),
                    piece.text());
        }
    }

    @Test
    void whatIsNotSupportedIsNamedWithItsPlace() {
        Map.ofEntries(Map.entry("a\n{% trans %}{% endtrans %}", "line 2, column 4: `{% trans %}` is not supported"),
                Map.entry("{{ {messages[0].content: 1} }}",
                        "line 1, column 4: a dictionary with what is said as a key"),
                Map.entry("{{ messages | groupby('role') }}", "line 1, column 13: the filter `groupby`"),
                Map.entry("{{ strftime_now('%d') }}", "line 1, column 4: this call of `strftime_now`"),
                Map.entry("{{ 1 / }}", "column 8: a value expected instead of `}}`"),
                Map.entry("{{ 'a'.center(3) }}", "the method `center`"),
                Map.entry("{{ messages.append(1) }}", "the method `append` with 1 arguments on a list"),
                Map.entry("{{ 1 is escaped }}", "the test `escaped`"),
                Map.entry("{{ nothing.name }}", "a member of `nothing`, which is undefined,"),
                Map.entry("{% for a, b in messages[0].role %}{% endfor %}", "2 values expected instead of text"),
                Map.entry("{% for a in messages %}{{ loop.depth }}{% endfor %}", "`loop.depth`"),
                Map.entry("{% for a in 5 %}{% endfor %}", "a loop over a number"),
                Map.entry("{% include 'x' %}", "`{% include %}` is not supported"),
                Map.entry("{{ 'a' + 1 }}", "`+` of text and a number"),
                Map.entry("{{ namespace() }}", "writing out a namespace"),
                Map.entry("{{ 1 % 0 }}", "a division by zero"),
                Map.entry("{{ '\\u00' }}", "an escape of 4 digits is broken off"), Map.entry("{{ a", "`{{` has no end"),
                Map.entry("{{ '\\N{BULLET}' }}", "the escape `\\N`"),
                Map.entry("{% break %}", "`break` outside a loop"),
                Map.entry("{% if a %}", "`{% e"), Map.entry("{{ 'a }}", "`'` is not supported"),
                Map.entry("{# a", "the comment has no end"), Map.entry("{% endif %}", "`{% endif %}`"),
                Map.entry("{% raw %}a", "`raw` has no end"), Map.entry("{% set a.b = 1 %}", "`a` is no namespace"),
                Map.entry("{{ 9999999999999999999 }}", "an integer of this size"),
                Map.entry("{{ 999999999 ** 9 }}", "an integer of this size")).forEach(ChatTemplateTest::refused);
    }

    private static void refused(String template, String problem) {
        String message = assertThrows(BadInput.class,
                () -> ChatTemplate.parse(template).render(HELLO, true, Map.of())).getMessage();
        assertTrue(message.contains(problem), message);
        assertTrue(message.contains("the chat template at line ") && message.contains("`continuation`"),
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
        refusedAsHostile("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "nested deeper");
        refusedAsHostile("{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{% for i in range(9) %}{{ f() }}{% endfor %}",
                "nested deeper");
        refusedAsHostile("{{ 'x' * 999999999999 }}", "too much work");
        refusedAsHostile("{{ [1] * 99999999 }}", "too much work");
        refusedAsHostile("{{ range(999999999) }}", "too much work");
        refusedAsHostile("{{ ('x' * 9999) | replace('', 'x' * 9999) }}", "too much work");
        refusedAsHostile("{{ 'x' | indent(10 ** 9) }}", "the filter `indent`");
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
