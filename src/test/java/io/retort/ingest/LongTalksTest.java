package io.retort.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Talks that are longer than a dialogue may be. */
class LongTalksTest {
    private static final int EXCHANGES = 5_002;

    @TempDir
    private Path folder;

    private enum Form {
        PARLAI {
            @Override
            String line(int number) {
                return "text:question " + number + "\tlabels:answer " + number
                        + (number == EXCHANGES ? "\tepisode_done:True" : "");
            }
        },
        NUMBERED {
            @Override
            String line(int number) {
                return number + " question " + number + "\tanswer " + number;
            }
        },
        TRANSCRIPT {
            @Override
            String line(int number) {
                return "Ada: question " + number + "\nBen: answer " + number;
            }
        };

        abstract String line(int number);
    }

    @ParameterizedTest
    @EnumSource
    void becomeSeveralDialoguesAndNoTurnIsLost(Form form) throws IOException {
        Path file = Files.writeString(folder.resolve("talk.txt"), IntStream.rangeClosed(1, EXCHANGES)
                .mapToObj(form::line).collect(Collectors.joining("\n", "", "\n")));
        List<Integer> turns = new ArrayList<>();
        try (var reader = SourceFile.recognise(file, ReadingSettings.defaults()).dialogues()) {
            reader.forEachRemaining(dialogue -> turns.add(dialogue.turns().size()));
        }
        assertEquals(2, turns.size(), turns.toString());
        assertEquals(2 * EXCHANGES, turns.stream().mapToInt(Integer::intValue).sum(), turns.toString());
    }
}
