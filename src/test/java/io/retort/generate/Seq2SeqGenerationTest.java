package io.retort.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Context;
import io.retort.generate.Constraints.NgramBlock;
import io.retort.generate.Constraints.Where;
import io.retort.graph.Engine;
import io.retort.lm.TinySeq2Seq;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What encoder–decoders write, judge and read, against transformers. */
class Seq2SeqGenerationTest {
    private static final List<String> NAMES = TinySeq2Seq.NAMES;

    private static List<Generation> generations(TextLanguageModel model, List<int[]> sources, Decoding decoding,
            Constraints constraints, int batch) {
        List<Generation> all = new ArrayList<>();
        List<GenerationRequest> requests = IntStream.range(0, sources.size())
                .mapToObj(i -> new GenerationRequest("prompt " + i, sources.get(i), 1)).toList();
        StopRules stops = new StopRules(List.of(), model.endTokens());
        new Generator(model.model(), model.tokenizer(), new GenerationSettings(decoding, constraints, stops, batch))
                .generate(requests.iterator(), all::add);
        return all;
    }

    private static void assertSame(List<int[]> expected, List<Generation> actual) {
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i).completions().getFirst().tokens(), "prompt " + i);
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void aBeamOfTenWithThePapersSettingsWritesWhatTransformersDoes(String name) throws IOException {
        TinySeq2Seq golden = TinySeq2Seq.of(name);
        Constraints paper = new Constraints(32, 20, 1,
                List.of(new NgramBlock(3, Where.REPLY), new NgramBlock(3, Where.PROMPT)));
        try (Engine engine = Engine.simd(2);
                TextLanguageModel model = TextLanguageModel.open(golden.folder(), engine)) {
            assertEquals(20, golden.beams().size());
            assertSame(golden.beams(), generations(model, golden.sources(),
                    new Decoding.Beam(10, 0.65, Decoding.Patience.HEURISTIC), paper, 40));
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void greedySearchWritesWhatTransformersDoesAndTellsWhatWasCutOff(String name) throws IOException {
        TinySeq2Seq golden = TinySeq2Seq.of(name);
        try (Engine engine = Engine.simd(2);
                TextLanguageModel model = TextLanguageModel.open(golden.folder(), engine)) {
            List<Generation> greedy = generations(model, golden.sources().subList(0, golden.greedy().size()),
                    new Decoding.Greedy(), Constraints.atMost(20), 3);
            assertSame(golden.greedy(), greedy);
            for (Generation each : greedy) {
                Completion completion = each.completions().getFirst();
                assertEquals(completion.tokens().length == 20 ? StopReason.LENGTH : StopReason.END,
                        completion.reason());
            }
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void candidatesGetTheReferencesLogLikelihoods(String name) throws IOException {
        TinySeq2Seq golden = TinySeq2Seq.of(name);
        try (Engine engine = Engine.simd(2);
                TextLanguageModel model = TextLanguageModel.open(golden.folder(), engine)) {
            List<Scored> scored = new ArrayList<>();
            List<ScoringRequest> requests = IntStream.range(0, golden.replies().size())
                    .mapToObj(i -> new ScoringRequest("c" + i, golden.sources().get(i), golden.sources().get(19),
                            List.of(golden.replies().get(i), golden.replies().get(0))))
                    .toList();
            new LikelihoodScorer(model.model(), 64).score(requests.iterator(), scored::add);
            for (int i = 0; i < scored.size(); i++) {
                double mean = 0;
                for (float log : golden.logs().get(i)) mean += log / golden.logs().get(i).length;
                assertEquals(mean, scored.get(i).likelihoods().getFirst().logLikelihood(), 1e-5);
            }
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void textIsCutAsTransformersCutsItAndNeverBecomesASpecialToken(String name) throws IOException {
        TinySeq2Seq golden = TinySeq2Seq.of(name);
        try (Engine engine = Engine.simd(1);
                TextLanguageModel model = TextLanguageModel.open(golden.folder(), engine)) {
            for (TinySeq2Seq.Text text : golden.texts()) {
                int[] ids = model.tokenizer().encode(text.text());
                if (text.text().contains("__start__")) {
                    assertTrue(IntStream.of(ids).noneMatch(id -> id < 3), "special tokens in " + List.of(ids));
                } else {
                    assertArrayEquals(text.ids(), ids, text.text());
                    assertEquals(text.decoded(), model.tokenizer().decode(ids));
                }
            }
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void turnsAreLaidOutAsTheModelsOfTheFamilyWereTrained(String name) throws IOException {
        TinySeq2Seq golden = TinySeq2Seq.of(name);
        try (Engine engine = Engine.simd(1);
                TextLanguageModel model = TextLanguageModel.open(golden.folder(), engine)) {
            PromptFormat format = PromptFormat.of(PromptChoice.usual(), name, model.text());
            String source = format.prompt(Context.of("hi  there", "hello </s>", "so?")).text();
            String reply = format.reply("well\nyes").text();
            assertEquals(switch (name) {
                case "bart" -> "<s>hi there\nhello </s>\nso?</s>|<s>well yes</s>";
                case "blenderbot" -> " hi there   hello </s>   so?</s>| well yes</s>";
                default -> "hi there\nhello </s>\nso?|well yes__end__";
            }, source + "|" + reply);
            int[] ids = format.prompt(Context.of("hi", "</s>")).encode(model.tokenizer());
            assertEquals(name.equals("blenderbot-small") ? 0 : 1, IntStream.of(ids).filter(id -> id == 2).count());
            assertTrue(format.unconditional().encode(model.tokenizer()).length > 0);
        }
    }
}
