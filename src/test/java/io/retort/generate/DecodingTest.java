package io.retort.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.retort.files.BadInput;
import io.retort.generate.Constraints.NgramBlock;
import io.retort.generate.Constraints.Where;
import io.retort.generate.Decoding.Beam;
import io.retort.generate.Decoding.Patience;
import io.retort.generate.Decoding.Sampling;
import io.retort.settings.InvalidSetting;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A caller's mistake is no {@link BadInput}: it is told by the name of the parameter. */
class DecodingTest {
    static Stream<Arguments> mistakes() {
        return Stream.of(mistake("width", () -> Beam.of(0)), mistake("width", () -> Beam.of(Beam.WIDEST + 1)),
                mistake("lengthPenalty", () -> new Beam(2, Double.NaN, Patience.NONE)),
                mistake("temperature", () -> new Sampling(0, 0, 1, 1)),
                mistake("temperature", () -> new Sampling(Double.POSITIVE_INFINITY, 0, 1, 1)),
                mistake("topK", () -> new Sampling(1, -1, 1, 1)), mistake("topP", () -> new Sampling(1, 0, 0, 1)),
                mistake("topP", () -> new Sampling(1, 0, 1.5, 1)), mistake("maxTokens", () -> Constraints.atMost(0)),
                mistake("minTokens", () -> new Constraints(4, 5, 1, List.of())),
                mistake("repetitionPenalty", () -> new Constraints(4, 0, 0, List.of())),
                mistake("size", () -> new NgramBlock(0, Where.BOTH)),
                mistake("batch", () -> new GenerationSettings(Beam.of(3), Constraints.atMost(4),
                        new StopRules(List.of(), Set.of()), 2)),
                mistake("maximumWords", () -> new ReplyCleaning(5, 4)));
    }

    private static Arguments mistake(String parameter, Executable made) {
        return arguments(parameter, made);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void mistakesAreToldByTheParametersName(String parameter, Executable made) {
        InvalidSetting refusal = assertThrows(InvalidSetting.class, made);
        assertEquals(parameter, refusal.parameter());
        assertTrue(refusal.getMessage().startsWith(parameter + " is "), refusal.getMessage());
    }
}
