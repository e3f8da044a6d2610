package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Command lines that are read without picocli mean what picocli makes of them; all others are left to it. */
class PlainCommandLineTest {
    @ParameterizedTest
    @ValueSource(strings = {"chat", "chat|my bot", "chat|-i|a.index", "chat|--index|a.index|--model|some/folder",
        "chat|-m|retort-student|bot", "reply|-c|hello", "reply|--context|hello|--context|is it $5, or {6}?",
        "reply|--json|--context|Grüß Gott", "reply|-c|a b|-k|3", "reply|-k|007|-c|\"quoted\"|-i|b",
        "reply|bot|-c|x=y|--json", "reply|--context| |-m|name", "reply|-c|#no comment", "reply|-c|x|-k|0"})
    void isReadAsPicocliReadsIt(String typed) throws IllegalAccessException {
        String[] arguments = typed.split("\\|");
        Object plain = PlainCommandLine.read(arguments).orElseThrow();
        CommandLine line = Commands.line(new Main(), arguments);
        line.parseArgs(arguments);
        Object read = line.getSubcommands().get(arguments[0]).getCommand();
        assertEquals(read.getClass(), plain.getClass());
        assertEquals(fields(read, ""), fields(plain, ""));
        assertTrue(fields(plain, "").size() > 8, "fields of the mixins are compared, too");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "serve", "help|chat", "chat|--help", "chat|--safety|off", "chat|a|b", "chat|-i",
        "chat|--index=a", "chat|-i|a|--index|b", "chat|--context|x", "chat|--json", "chat|@file", "chat|-ia",
        "reply", "reply|--json", "reply|-c|a|--json|--json", "reply|-c|-x", "reply|-c|@file", "reply|-c|a|-k|x",
        "reply|-c|a|-k|-1", "reply|-c|a|-k|99999999999", "reply|-c|a|-k|1|-k|2", "reply|-c|a|--debug",
        "reply|--context=a", "reply|-c|a|--search|exact", "reply|-c|a|--", "reply|-ca"})
    void isLeftToPicocli(String typed) {
        assertTrue(PlainCommandLine.read(typed.isEmpty() ? new String[0] : typed.split("\\|")).isEmpty());
    }

    @Test
    void anEmptyValueIsLeftToPicocli() {
        assertTrue(PlainCommandLine.read("reply", "--context", "").isEmpty());
        assertTrue(PlainCommandLine.read("chat", "").isEmpty());
    }

    @Test
    void failuresAreToldAsPicocliTellsThem() {
        Run plain = Run.of("reply", "--context", "hello", "-i", "nowhere.index");
        Run read = Run.of("reply", "--context=hello", "-i", "nowhere.index");
        assertEquals(2, plain.code());
        assertEquals(read, plain);
    }

    /** All fields of a command and of the options that it mixes in, by name. */
    private static Map<String, String> fields(Object of, String prefix) throws IllegalAccessException {
        Map<String, String> found = new TreeMap<>();
        for (Class<?> type = of.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) || field.isSynthetic()) continue;
                field.setAccessible(true);
                Object value = field.get(of);
                if (field.isAnnotationPresent(CommandLine.Mixin.class)) {
                    found.putAll(fields(value, prefix + field.getName() + "."));
                } else {
                    found.put(prefix + field.getName(), String.valueOf(value));
                }
            }
        }
        return found;
    }
}
