package io.retort.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SettingsCodecTest {
    private static final Path FILE = Path.of("settings.json");
    private static final SettingsCodec<Baking> CODEC = SettingsCodec.of(Baking.class);

    enum Flour {
        WHEAT, WHOLE_GRAIN
    }

    record Oven(@Setting("The temperature in degrees.") double heat,
            @Setting(value = "How many loaves fit.", decides = false) int loavesAtOnce) {
        Oven {
            if (heat < 0) throw new IllegalArgumentException("heat is " + heat + ", less than 0");
        }
    }

    record Baking(@Setting("What is kneaded.") Flour flour, @Setting("Where recipes lie.") List<Path> recipes,
            @Setting("How many minutes it takes, if that is known.") Long minutes,
            @Setting(value = "Whether it rises.", key = "yeast") boolean rises, Oven oven) {
        public static Baking defaults() {
            return new Baking(Flour.WHEAT, List.of(), null, true, new Oven(220, 4));
        }
    }

    private static ObjectNode json(String text) throws JsonProcessingException {
        return (ObjectNode) new JsonMapper().readTree(text.replace('\'', '"'));
    }

    @Test
    void whatIsWrittenIsReadAsTheSameSettings() {
        Baking baking = new Baking(Flour.WHOLE_GRAIN, List.of(Path.of("a"), Path.of("b")), 40L, false,
                new Oven(0.1, 7));
        assertEquals(baking, CODEC.read(CODEC.write(baking), Baking.defaults(), FILE));

    }

    @Test
    void everySettingStandsInOneObjectUnderItsKey() throws JsonProcessingException {
        assertEquals(json("{'flour': 'wheat', 'recipes': [], 'yeast': true, 'heat': 220.0, 'loaves-at-once': 4}")
                .toString(), CODEC.write(Baking.defaults()).toString());
        assertEquals(List.of("flour", "recipes", "minutes", "yeast", "heat", "loaves-at-once"),
                List.copyOf(CODEC.fields().keySet()));
    }

    @Test
    void absentKeysKeepTheBase() throws JsonProcessingException {
        Baking read = CODEC.read(json("{'heat': 180, 'recipes': 'one'}"), Baking.defaults(), FILE);
        assertEquals(new Baking(Flour.WHEAT, List.of(Path.of("one")), null, true, new Oven(180, 4)), read);
    }

    @Test
    void anUnknownKeyIsRefusedWithTheOneThatWasPerhapsMeant() {
        BadInput e = assertThrows(BadInput.class,
                () -> CODEC.read(json("{'loaves-atonce': 3}"), Baking.defaults(), FILE));
        assertTrue(e.getMessage().contains("did you mean \"loaves-at-once\"?"), e.getMessage());
        assertTrue(e.getMessage().contains("settings.json"), e.getMessage());
    }

    @Test
    void valuesThatAreNotOfTheirKindOrRangeAreRefusedByName() {
        for (Map.Entry<String, String> wrong : Map.of("{'flour': 'rye'}", "wheat, whole-grain", "{'minutes': 1.5}",
                "whole number", "{'yeast': 'perhaps'}", "neither true nor false", "{'heat': {}}", "heat",
                "{'heat': -1}", "heat is -1.0", "{'minutes': 99999999999999999999}", "minutes").entrySet()) {
            BadInput e = assertThrows(BadInput.class,
                    () -> CODEC.read(json(wrong.getKey()), Baking.defaults(), FILE));
            assertTrue(e.getMessage().contains(wrong.getValue()), e.getMessage());
        }
    }

    @Test
    void settingsThatDecideNothingAreToldApart() {
        assertEquals(Set.of("flour", "recipes", "minutes", "yeast", "heat"), CODEC.deciding());
    }

    @Test
    void aRecordWithAnUndescribedComponentIsRefused() {
        record Bare(int naked) {
        }
        assertThrows(IllegalArgumentException.class, () -> SettingsCodec.of(Bare.class));
    }

    @Test
    void twoSettingsOfOneKeyAreRefused() {
        record Twice(@Setting("The first.") int same, @Setting(value = "The second.", key = "same") int other) {
        }
        assertThrows(IllegalArgumentException.class, () -> SettingsCodec.of(Twice.class));
    }
}
