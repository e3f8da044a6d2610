package io.retort.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class StudyStatisticsTest {
    /** Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011, example C: four observers, twelve units. */
    private static final String[] OBSERVERS = {"1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .", "1 2 3 3 2 4 4 1 2 5 1 ."};

    private static List<List<Integer>> units(String... observers) {
        List<List<Integer>> units = new ArrayList<>();
        for (String observer : observers) {
            String[] values = observer.split(" ");
            for (int i = 0; i < values.length; i++) {
                if (units.size() == i) units.add(new ArrayList<>());
                if (!values[i].equals(".")) units.get(i).add(Integer.parseInt(values[i]) - 1);
            }
        }
        return units;
    }

    @Test
    void alphaIsThatOfKrippendorffsExample() {
        List<List<Integer>> units = units(OBSERVERS);
        assertEquals(.743, KrippendorffAlpha.of(units, 5, KrippendorffAlpha.Level.NOMINAL).getAsDouble(), 5e-4);
        assertEquals(.815, KrippendorffAlpha.of(units, 5, KrippendorffAlpha.Level.ORDINAL).getAsDouble(), 5e-4);
        assertEquals(.849, KrippendorffAlpha.of(units, 5, KrippendorffAlpha.Level.INTERVAL).getAsDouble(), 5e-4);
    }

    /** Example A of the same text: two observers, ten units, two values, alpha .095. */
    @Test
    void alphaOfTwoValuesIsThatOfKrippendorffsExample() {
        List<List<Integer>> units = units("1 2 1 1 1 1 1 1 2 1", "2 2 2 1 1 2 1 1 1 1");
        assertEquals(.095, KrippendorffAlpha.of(units, 2, KrippendorffAlpha.Level.NOMINAL).getAsDouble(), 5e-4);
    }

    @Test
    void alphaIsOneWhereAllAgreeAndUnknownWhereThereIsNothingToCompare() {
        List<List<Integer>> agreed = units("1 2 3", "1 2 3");
        for (KrippendorffAlpha.Level level : KrippendorffAlpha.Level.values()) {
            assertEquals(1, KrippendorffAlpha.of(agreed, 3, level).getAsDouble(), 1e-12);
            assertTrue(KrippendorffAlpha.of(units("1 2 3"), 3, level).isEmpty());
            assertTrue(KrippendorffAlpha.of(units("1 1", "1 1"), 3, level).isEmpty());
        }
    }

    /** By hand: ((1.95996 / 2 + 0.84162 √(p (1 − p))) / (p − ½))². */
    @Test
    void neededComparisonsFollowTheFormula() {
        assertEquals(OptionalLong.of(194), SampleSize.ofShare(.6));
        assertEquals(OptionalLong.of(85), SampleSize.ofShare(.65));
        assertEquals(OptionalLong.of(47), SampleSize.ofShare(.7));
        assertEquals(OptionalLong.of(29), SampleSize.ofShare(.25));
        assertEquals(OptionalLong.of(6), SampleSize.ofShare(1));
        assertEquals(OptionalLong.empty(), SampleSize.ofShare(.5));
    }

    /** The textbook's 63 and 393 of each group for effects of one half and one fifth of a standard deviation. */
    @Test
    void neededRatingsAreThoseOfTextbooks() {
        assertEquals(OptionalLong.of(63), SampleSize.ofMeans(.5, 2));
        assertEquals(OptionalLong.of(393), SampleSize.ofMeans(-.2, 2));
        assertEquals(OptionalLong.empty(), SampleSize.ofMeans(0, 2));
    }
}
