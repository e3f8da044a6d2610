package io.retort.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreCalibrationTest {
    @TempDir
    Path folder;

    private static double[] normal(long seed, double mean, double deviation, int n) {
        Random random = new Random(seed);
        return random.doubles(n).map(_ -> mean + deviation * random.nextGaussian()).toArray();
    }

    @Test
    void theFloorIsWhereTwoBellsOfOneWidthCross() {
        ScoreCalibration found = ScoreCalibration.of(normal(1, 0.6, 0.1, 20_000), normal(2, 0.2, 0.1, 200_000), 20_000);
        // The log ratio of the two densities is 0.4 / 0.1² · (x − 0.4).
        assertEquals(0.4, found.floor(), 0.005);
        assertEquals(40, found.slope(), 2);
        assertEquals(0.5, found.confidence(found.floor()), 1e-12);
        assertEquals(0.977, found.fitting(), 0.005);
        assertEquals(0.023, found.random(), 0.005);
        assertTrue(found.confidence(0.3) < 0.05 && found.confidence(0.5) > 0.95);
    }

    @Test
    void howManyRandomRepliesThereAreDoesNotMoveTheFloor() {
        double few = ScoreCalibration.of(normal(1, 5, 2, 5000), normal(2, -1, 3, 5000), 5000).floor();
        double many = ScoreCalibration.of(normal(1, 5, 2, 5000), normal(2, -1, 3, 95_000), 5000).floor();
        assertEquals(few, many, 0.1);
    }

    @Test
    void scoresThatNeverMeetHaveAFloorBetweenThem() {
        ScoreCalibration found = ScoreCalibration.of(new double[]{0.8, 0.9}, new double[]{0.1, 0.2}, 2);
        assertEquals(0.5, found.floor(), 0.05);
        assertEquals(1, found.fitting());
        assertEquals(0, found.random());
    }

    @Test
    void aModelThatTellsNothingApartIsRefused() {
        assertThrows(BadInput.class, () -> ScoreCalibration.of(new double[]{1, 1}, new double[]{1, 1}, 2));
        assertThrows(BadInput.class, () -> ScoreCalibration.of(new double[]{0, 1}, new double[]{2, 3}, 2));
    }

    @Test
    void whatIsWrittenIsReadAgainAndNothingWhereThereIsNone() throws IOException {
        assertEquals(Optional.empty(), ScoreCalibration.read(folder));
        ScoreCalibration made = new ScoreCalibration(0.3125, 12.5, 0.875, 0.0625, 500);
        made.write(folder, "held-out.jsonl");
        assertEquals(Optional.of(made), ScoreCalibration.read(folder));
        assertTrue(Files.readString(folder.resolve(ScoreCalibration.FILE)).contains("held-out.jsonl"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "{\"floor\": \"0.3\"}", "nonsense", "",
        "{\"floor\": 0.3, \"slope\": -1, \"fitting\": 0.9, \"random\": 0.1, \"contexts\": 5}",
        "{\"floor\": 1e999, \"slope\": 1, \"fitting\": 0.9, \"random\": 0.1, \"contexts\": 5}",
        "{\"floor\": 0.3, \"slope\": 1, \"fitting\": 9, \"random\": 0.1, \"contexts\": 5}",
        "{\"floor\": 0.3, \"slope\": 1, \"fitting\": 0.9, \"random\": 0.1, \"contexts\": 0}"})
    void aDamagedFileIsRefusedByItsName(String text) throws IOException {
        Files.writeString(folder.resolve(ScoreCalibration.FILE), text);
        assertTrue(assertThrows(BadInput.class, () -> ScoreCalibration.read(folder)).getMessage()
                .contains(ScoreCalibration.FILE));
    }
}
