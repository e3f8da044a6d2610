package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class CommandTableTest {
    @Test
    void everyCommandIsFoundByTheNameThatItGivesItself() {
        CommandLine all = Commands.line(new Main());
        assertTrue(all.getSubcommands().size() > 20);
        all.getSubcommands().forEach((name, line) -> assertEquals(name,
                line.getCommandSpec().userObject().getClass().getAnnotation(CommandLine.Command.class).name()));
    }

    @Test
    void aCommandIsMadeAloneWithTheOptionsThatItHasAmongAll() {
        CommandLine all = Commands.line(new Main());
        for (String name : all.getSubcommands().keySet()) {
            if (name.equals("help")) continue;
            CommandLine one = Commands.line(new Main(), name, "--help");
            assertEquals(Set.of(name), one.getSubcommands().keySet());
            assertEquals(all.getSubcommands().get(name).getCommandSpec().optionsMap().keySet(),
                    one.getSubcommands().get(name).getCommandSpec().optionsMap().keySet());
        }
    }
}
