package io.retort.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.retort.files.BadInput;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The kind of values that a setting has: numbers, truth values, texts, paths, names of an enumeration, values that have
 * a static {@code parse(String)} and say themselves in {@code toString()}, or an optional or a list of one of these.
 *
 * @param element    what one value is
 * @param isList     whether there are several
 * @param isOptional whether there may be none
 */
public record SettingType(Class<?> element, boolean isList, boolean isOptional) {
    private static final Map<Class<?>, Class<?>> BOXES = Map.of(int.class, Integer.class, long.class, Long.class,
            double.class, Double.class, boolean.class, Boolean.class);

    static SettingType of(RecordComponent component) {
        Class<?> type = component.getType();
        boolean isList = type == List.class, isOptional = type == Optional.class;
        if (isList || isOptional) {
            type = component.getGenericType() instanceof ParameterizedType generic
                    && generic.getActualTypeArguments()[0] instanceof Class<?> of ? of : Object.class;
        }
        type = BOXES.getOrDefault(type, type);
        if (!BOXES.containsValue(type) && type != String.class && type != Path.class && !type.isEnum()
                && parser(type) == null) {
            throw new IllegalArgumentException(component + " has a type that settings do not have");
        }
        return new SettingType(type, isList, isOptional);
    }

    /** Whether the bare name of the setting means true, as an option without a value does. */
    public boolean isFlag() {
        return element == Boolean.class && !isList && !isOptional;
    }

    private static Method parser(Class<?> type) {
        try {
            Method parse = type.getMethod("parse", String.class);
            return Modifier.isStatic(parse.getModifiers()) && type.isAssignableFrom(parse.getReturnType())
                    ? parse
                    : null;
        } catch (NoSuchMethodException e) {
            return null;
        }
    }

    /**
     * Reads one value from its text.
     *
     * @throws IllegalArgumentException if it is none, telling what is
     */
    public Object parse(String text) {
        if (element == String.class) return text;
        if (element == Path.class) return Path.of(text);
        if (element == Boolean.class) return truth(text);
        if (element.isEnum()) return constant(text);
        if (BOXES.containsValue(element)) return number(text);
        try {
            return parser(element).invoke(null, text);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException refused) throw refused;
            throw new IllegalArgumentException(e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /**
     * Reads all values of a list from one text: numbers and names may stand in it several at a time, with commas
     * between them; a text or a path may hold commas itself.
     *
     * @throws IllegalArgumentException if one is none, telling what is
     */
    public List<Object> parseList(String text) {
        List<Object> values = new ArrayList<>();
        for (String part : isSeparated() ? text.split(",", -1) : new String[]{text}) values.add(parse(part));
        return values;
    }

    /** Whether commas stand between the values of a list. */
    public boolean isSeparated() {
        return isList && (element.isEnum() || BOXES.containsValue(element));
    }

    /**
     * Makes the value of a record's component out of single values, of which there is one unless the component is a
     * list.
     */
    public Object component(List<?> values) {
        if (isList) return List.copyOf(values);
        return isOptional ? Optional.of(values.getLast()) : values.getLast();
    }

    private static Boolean truth(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("'" + text + "' is neither true nor false");
        };
    }

    private Object number(String text) {
        try {
            if (element == Integer.class) return Integer.valueOf(text);
            if (element == Long.class) return Long.valueOf(text);
            double value = Double.parseDouble(text);
            if (Double.isFinite(value)) return value;
        } catch (NumberFormatException e) {
            // The refusal below, which also meets infinities, reports it.
        }
        throw new IllegalArgumentException(
                "'" + text + "' is no " + (element == Double.class ? "number" : "whole number in range"));
    }

    private Object constant(String text) {
        for (Object constant : element.getEnumConstants()) {
            if (name(constant).equalsIgnoreCase(text) || ((Enum<?>) constant).name().equalsIgnoreCase(text)) {
                return constant;
            }
        }
        throw new IllegalArgumentException("'" + text + "' is none of " + String.join(", ", names()));
    }

    /** The names that a value may have, if it is one of an enumeration; else empty. */
    public List<String> names() {
        if (!element.isEnum()) return List.of();
        return Arrays.stream(element.getEnumConstants()).map(SettingType::name).collect(Collectors.toList());
    }

    /** A constant's name in files: in lower case, with dashes, unless it says itself otherwise. */
    private static String name(Object constant) {
        String own = constant.toString();
        return own.equals(((Enum<?>) constant).name()) ? own.toLowerCase(Locale.ROOT).replace('_', '-') : own;
    }

    /** One value as text, as {@link #parse} reads it. */
    public static String text(Object value) {
        return value instanceof Enum<?> ? name(value) : value.toString();
    }

    JsonNode write(Object value) {
        if (!isList) return one(value);
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (Object item : (List<?>) value) array.add(one(item));
        return array;
    }

    private static JsonNode one(Object value) {
        return switch (value) {
            case Boolean flag -> JsonNodeFactory.instance.booleanNode(flag);
            case Integer number -> JsonNodeFactory.instance.numberNode(number.longValue());
            case Long number -> JsonNodeFactory.instance.numberNode(number.longValue());
            case Double number -> JsonNodeFactory.instance.numberNode(number.doubleValue());
            default -> JsonNodeFactory.instance.textNode(text(value));
        };
    }

    Object read(String key, JsonNode node, Path file) {
        if (node.isNull()) return isList ? List.of() : isOptional ? Optional.empty() : null;
        List<Object> values = new ArrayList<>();
        if (isList && node instanceof ArrayNode array) for (JsonNode item : array) readTo(values, key, item, file);
        else readTo(values, key, node, file);
        return component(values);
    }

    private void readTo(List<Object> values, String key, JsonNode node, Path file) {
        if (!node.isValueNode() || node.isNull()) {
            throw BadInput.in(file, "\"" + key + "\" is " + node.getNodeType().name().toLowerCase(Locale.ROOT),
                    "give a text, a number, true or false");
        }
        try {
            if (isList) values.addAll(parseList(node.asText()));
            else values.add(parse(node.asText()));
        } catch (IllegalArgumentException e) {
            throw BadInput.in(file, "\"" + key + "\": " + e.getMessage(), "correct the value").causedBy(e);
        }
    }
}
