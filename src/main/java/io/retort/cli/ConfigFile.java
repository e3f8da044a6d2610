package io.retort.cli;

import io.retort.files.JsonFile;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * Settings of a command as a JSON object: its keys are the long names of options without the dashes, its values what
 * would be given on the command line. Names, kinds, defaults and help stand in the options alone.
 */
final class ConfigFile {
    private static final int LARGEST = 1 << 20;
    private static final JsonMapper JSON = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final Path file;
    private final ObjectNode settings;

    private ConfigFile(Path file, ObjectNode settings) {
        this.file = file;
        this.settings = settings;
    }

    /**
     * Reads a file.
     *
     * @throws BadInput if it is not there or no JSON object
     */
    static ConfigFile read(Path file) throws IOException {
        if (JsonFile.read(file, LARGEST) instanceof ObjectNode settings) return new ConfigFile(file, settings);
        throw BadInput.in(file, "does not hold a JSON object", "put {\"option\": value, …} there");
    }

    /** The settings that a run keeps in its folder. */
    static ConfigFile ofRun(Path folder, ObjectNode settings) {
        return new ConfigFile(folder, settings);
    }

    /**
     * Sets the options of a command: those that were given, then those of the file, then defaults.
     *
     * @param options object with options that are nobody's yet
     * @param given   what the command line said, an option as often as it stood there; options that the object does
     *                not have are passed over
     * @return the object's options
     * @throws BadInput if the file has a key that is no option, or a value that the option does not take
     */
    CommandSpec apply(Object options, List<OptionSpec> given) {
        CommandLine line = Main.withManners(new CommandLine(options));
        CommandSpec spec = line.getCommandSpec();
        List<String> arguments = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : settings.properties()) {
            OptionSpec option = option(spec, entry.getKey());
            if (given.stream().noneMatch(other -> other.longestName().equals(option.longestName()))) {
                arguments.addAll(arguments(option, entry.getValue()));
            }
        }
        for (OptionSpec option : new LinkedHashSet<>(given)) {
            if (spec.findOption(option.longestName()) == null) continue;
            for (String value : option.originalStringValues()) arguments.add(option.longestName() + "=" + value);
        }
        try {
            line.parseArgs(arguments.toArray(String[]::new));
        } catch (ParameterException e) {
            throw BadInput.in(file, e.getMessage(), "correct the file").causedBy(e);
        }
        return spec;
    }

    /** No settings but those given. */
    static ConfigFile none() {
        return new ConfigFile(Path.of("command line"), JsonNodeFactory.instance.objectNode());
    }

    private OptionSpec option(CommandSpec spec, String key) {
        OptionSpec option = spec.findOption("--" + key);
        if (option != null && option.longestName().equals("--" + key)) return option;
        List<String> keys = spec.options().stream().map(ConfigFile::key).toList();
        throw BadInput.in(file, "unknown key \"" + key + "\"", nearest(key, keys)
                .map(name -> "did you mean \"" + name + "\"?").orElse("--print-config shows all"));
    }

    private static String key(OptionSpec option) {
        return option.longestName().substring(2);
    }

    /** The name that takes the fewest changes, if these are few. */
    static Optional<String> nearest(String key, Collection<String> names) {
        return names.stream().min(Comparator.comparingInt(name -> distance(key, name)))
                .filter(name -> distance(key, name) <= Math.max(2, key.length() / 2));
    }

    /** Levenshtein's. */
    private static int distance(String a, String b) {
        int[] last = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) last[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            int[] next = new int[b.length() + 1];
            next[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                next[j] = Math.min(change, 1 + Math.min(last[j], next[j - 1]));
            }
            last = next;
        }
        return last[b.length()];
    }

    private List<String> arguments(OptionSpec option, JsonNode value) {
        if (value.isNull()) return List.of();
        if (option.isMultiValue() && value instanceof ArrayNode list) {
            List<String> arguments = new ArrayList<>();
            for (JsonNode element : list) arguments.add(argument(option, element));
            return arguments;
        }
        return List.of(argument(option, value));
    }

    private String argument(OptionSpec option, JsonNode value) {
        if (!value.isValueNode()) {
            throw BadInput.in(file, "\"" + key(option) + "\" is " + value.getNodeType().name().toLowerCase(
                    Locale.ROOT), "give a text, a number, true or false");
        }
        return option.longestName() + "=" + value.asText();
    }

    /** The values of options, defaults included; those without a value are left out. */
    static ObjectNode values(CommandSpec spec) {
        ObjectNode root = JSON.createObjectNode();
        for (OptionSpec option : spec.options()) {
            Object value = option.getValue();
            if (value instanceof Collection<?> list) {
                ArrayNode array = root.putArray(key(option));
                list.forEach(element -> array.add(node(element)));
            } else if (value != null) {
                root.set(key(option), node(value));
            }
        }
        return root;
    }

    private static JsonNode node(Object value) {
        return switch (value) {
            case Boolean flag -> JsonNodeFactory.instance.booleanNode(flag);
            case Integer number -> JsonNodeFactory.instance.numberNode(number.longValue());
            case Long number -> JsonNodeFactory.instance.numberNode(number.longValue());
            case Double number when Double.isFinite(number) ->
                JsonNodeFactory.instance.numberNode(number.doubleValue());
            case Enum<?> name -> JsonNodeFactory.instance.textNode(name.toString().toLowerCase(Locale.ROOT));
            default -> JsonNodeFactory.instance.textNode(value.toString());
        };
    }
}
