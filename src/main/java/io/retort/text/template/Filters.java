package io.retort.text.template;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.retort.text.Prompt;

/** The filters that chat templates may use. */
final class Filters {
    private final Source source;
    private final Fuel fuel;
    private final Writing writing;
    private final Evaluation evaluation;

    Filters(Source source, Fuel fuel, Writing writing, Evaluation evaluation) {
        this.source = source;
        this.fuel = fuel;
        this.writing = writing;
        this.evaluation = evaluation;
    }

    Value filtered(Value object, String name, Arguments arguments, int at) {
        fuel.burn(size(object), at);
        Value result = general(object, name, arguments, at);
        if (result == null) result = ofText(object, name, arguments, at);
        if (result == null) result = ofNumber(object, name, arguments, at);
        if (result == null) result = ofElements(object, name, arguments, at);
        if (result != null) return result;
        throw source.unsupported(at, "the filter `" + name + "` with " + arguments.count() + " arguments on "
                + object.type());
    }

    private static long size(Value value) {
        return switch (value) {
            case Value.Text text -> 1 + 2L * text.prompt().length();
            case Value.Sequence list -> 1 + 2L * list.elements().size();
            case Value.Mapping mapping -> 1 + 2L * mapping.members().size();
            default -> 1;
        };
    }

    private Value general(Value object, String name, Arguments arguments, int at) {
        return switch (name) {
            case "default", "d" -> {
                if (!arguments.fit(2, "default_value", "boolean")) yield null;
                boolean falsy = arguments.get(1, "boolean").map(Value::truthy).orElse(false);
                boolean absent = object instanceof Value.Undefined || falsy && !object.truthy();
                yield absent ? arguments.get(0, "default_value").orElse(Value.trusted("")) : object;
            }
            case "string", "safe" -> arguments.count() == 0 ? new Value.Text(writing.text(object, at)) : null;
            case "tojson" -> json(object, arguments, at);
            case "length", "count" -> arguments.count() == 0 ? length(object) : null;
            case "items" -> arguments.count() > 0 ? null : switch (object) {
                case Value.Mapping mapping -> items(mapping);
                case Value.Undefined undefined -> new Value.Sequence(List.of());
                default -> null;
            };
            case "attr" -> arguments.fit(1) && arguments.count() == 1
                    ? evaluation.member(object, arguments.positional().getFirst(), at)
                    : null;
            default -> null;
        };
    }

    private static Value length(Value object) {
        return switch (object) {
            case Value.Text text -> new Value.Int(text.plain().codePoints().count());
            case Value.Sequence list -> new Value.Int(list.elements().size());
            case Value.Mapping mapping -> new Value.Int(mapping.members().size());
            case Value.Undefined undefined -> new Value.Int(0);
            default -> null;
        };
    }

    private Value json(Value object, Arguments arguments, int at) {
        if (!arguments.fit(1, "indent", "ensure_ascii", "sort_keys")) return null;
        // Given by place, the argument is the first parameter of transformers' filter, not of Jinja's.
        boolean ascii = arguments.get(0, "ensure_ascii").map(Value::truthy).orElse(false);
        Optional<String> indent = switch (arguments.get("indent").orElse(Value.None.NONE)) {
            case Value.Int spaces when spaces.value() <= 64 ->
                Optional.of(" ".repeat((int) Math.max(0, spaces.value())));
            case Value.Text text when text.trusted() -> Optional.of(text.plain());
            case Value.None none -> Optional.empty();
            default -> throw source.unsupported(at, "this indentation");
        };
        boolean sorted = arguments.get("sort_keys").map(Value::truthy).orElse(false);
        return new Value.Text(writing.json(object, indent, ascii, sorted, at));
    }

    /** Filters of text turn other values into text first, as Jinja does. */
    private Value ofText(Value object, String name, Arguments arguments, int at) {
        if (name.equals("join") || name.equals("trim") || name.equals("replace") || name.equals("indent")
                || arguments.count() == 0) {
            Value.Text text = object instanceof Value.Text already
                    ? already
                    : new Value.Text(isList(object) ? Prompt.empty() : asText(object, at));
            boolean list = isList(object);
            return switch (name) {
                case "trim" -> list || !arguments.fit(1, "chars")
                        ? null
                        : TextMethods.call(text, "strip", arguments.get(0, "chars").map(Arguments::of)
                                .orElse(Arguments.NONE));
                case "upper", "lower", "capitalize", "title" -> list
                        ? null
                        : TextMethods.call(text, name, Arguments.NONE);
                case "wordcount" -> list ? null : length(TextMethods.call(text, "split", Arguments.NONE));
                case "escape", "e", "forceescape" -> list ? null : escaped(text);
                case "replace" -> list ? null : replaced(text, arguments, at);
                case "indent" -> list ? null : indented(text, arguments);
                case "join" -> joined(object, arguments, at);
                default -> null;
            };
        }
        return null;
    }

    private static boolean isList(Value value) {
        return value instanceof Value.Sequence || value instanceof Value.Mapping;
    }

    private Prompt asText(Value value, int at) {
        boolean written = Comparison.isNumber(value) || value == Value.None.NONE || value instanceof Value.Undefined;
        return written ? writing.text(value, at) : Prompt.empty();
    }

    private static Value escaped(Value.Text text) {
        return new Value.Text(text.prompt().map(part -> part.replace("&", "&amp;").replace("<", "&lt;")
                .replace(">", "&gt;").replace("'", "&#39;").replace("\"", "&#34;")));
    }

    private Value replaced(Value.Text text, Arguments arguments, int at) {
        boolean fits = arguments.fit(3, "old", "new", "count");
        Optional<Value> old = arguments.get(0, "old"), replacement = arguments.get(1, "new");
        if (!fits || old.isEmpty() || replacement.isEmpty()) return null;
        int most = arguments.get(2, "count").filter(Comparison::isNumber).map(Comparison::integer)
                .map(count -> Math.clamp(count, 0, Integer.MAX_VALUE)).orElse(Integer.MAX_VALUE);
        Prompt by = writing.text(replacement.get(), at);
        fuel.burn((long) text.prompt().length() * (1 + by.length()), at);
        return TextMethods.replaced(text, writing.text(old.get(), at).text(), by, most);
    }

    /** The filter {@code indent}: spaces, or a text, before each line but the first. */
    private Value indented(Value.Text text, Arguments arguments) {
        if (!arguments.fit(3, "width", "first", "blank")) return null;
        Prompt before = switch (arguments.get(0, "width").orElse(new Value.Int(4))) {
            case Value.Int width when width.value() >= 0 && width.value() <= 256 ->
                Prompt.trusted(" ".repeat((int) width.value()));
            case Value.Text own -> own.prompt();
            default -> null;
        };
        if (before == null) return null;
        boolean first = arguments.get(1, "first").map(Value::truthy).orElse(false);
        boolean blank = arguments.get(2, "blank").map(Value::truthy).orElse(false);
        String plain = text.plain();
        List<Prompt.Piece> pieces = new ArrayList<>();
        for (int from = 0; from <= plain.length();) {
            int end = plain.indexOf('\n', from);
            int to = end < 0 ? plain.length() : end + 1;
            boolean empty = end == from || from == plain.length();
            if ((from > 0 || first) && (blank || !empty)) pieces.addAll(before.pieces());
            pieces.addAll(text.prompt().slice(from, to).pieces());
            if (end < 0) break;
            from = to;
        }
        return new Value.Text(new Prompt(pieces));
    }

    private Value joined(Value object, Arguments arguments, int at) {
        if (!arguments.fit(2, "d", "attribute")) return null;
        Prompt separator = writing.text(arguments.get(0, "d").orElse(Value.trusted("")), at);
        Optional<Value> attribute = arguments.get(1, "attribute");
        List<Prompt.Piece> pieces = new ArrayList<>();
        List<Value> elements = elements(object, at);
        for (int i = 0; i < elements.size(); i++) {
            if (i > 0) pieces.addAll(separator.pieces());
            Value element = attribute.isPresent() ? attribute(elements.get(i), attribute.get(), at) : elements.get(i);
            Prompt text = writing.text(element, at);
            fuel.burn((long) text.length() + separator.length(), at);
            pieces.addAll(text.pieces());
        }
        return new Value.Text(new Prompt(pieces));
    }

    private Value ofNumber(Value object, String name, Arguments arguments, int at) {
        return switch (name) {
            case "int" -> arguments.fit(1, "default") ? whole(object, arguments.get(0, "default")) : null;
            case "float" -> arguments.fit(1, "default") ? real(object, arguments.get(0, "default")) : null;
            case "abs" -> arguments.count() == 0 && Comparison.isNumber(object)
                    ? Comparison.real(object) < 0 ? evaluation.binary("-", new Value.Int(0), object, at) : object
                    : null;
            case "round" -> arguments.count() == 0 && Comparison.isNumber(object)
                    ? new Value.Real(Math.rint(Comparison.real(object)))
                    : null;
            default -> null;
        };
    }

    private static Value whole(Value object, Optional<Value> otherwise) {
        if (object instanceof Value.Real number) return new Value.Int((long) number.value());
        if (Comparison.isNumber(object)) return new Value.Int(Comparison.integer(object));
        try {
            String text = object instanceof Value.Text said ? said.plain().strip() : "";
            return new Value.Int(
                    text.matches("[-+]?[0-9]{1,18}") ? Long.parseLong(text) : (long) Double.parseDouble(text));
        } catch (NumberFormatException e) {
            return otherwise.orElse(new Value.Int(0));
        }
    }

    private static Value real(Value object, Optional<Value> otherwise) {
        if (Comparison.isNumber(object)) return new Value.Real(Comparison.real(object));
        try {
            return new Value.Real(Double.parseDouble(object instanceof Value.Text said ? said.plain() : ""));
        } catch (NumberFormatException e) {
            return otherwise.orElse(new Value.Real(0));
        }
    }

    private Value ofElements(Value object, String name, Arguments arguments, int at) {
        boolean bare = arguments.count() == 0;
        switch (name) {
            case "map" -> {
                return mapped(object, arguments, at);
            }
            case "select", "reject", "selectattr", "rejectattr" -> {
                return selected(object, name, arguments, at);
            }
            case "sort", "unique", "min", "max" -> {
                return arguments.fit(0, "attribute", "reverse", "case_sensitive")
                        ? ordered(object, name, arguments, at)
                        : null;
            }
            case "dictsort" -> {
                if (!bare || !(object instanceof Value.Mapping mapping)) return null;
                Map<String, Value> sorted = new java.util.TreeMap<>(
                        String.CASE_INSENSITIVE_ORDER.thenComparing(Comparator.naturalOrder()));
                sorted.putAll(mapping.members());
                return items(new Value.Mapping(sorted, false));
            }
            case "sum" -> {
                if (!bare) return null;
                Value sum = new Value.Int(0);
                for (Value element : elements(object, at)) sum = evaluation.binary("+", sum, element, at);
                return sum;
            }
            default -> {}
        }
        if (!bare) return null;
        return switch (name) {
            case "first", "last" -> {
                List<Value> elements = elements(object, at);
                if (elements.isEmpty()) yield new Value.Undefined(name);
                yield name.equals("first") ? elements.getFirst() : elements.getLast();
            }
            case "list" -> new Value.Sequence(elements(object, at));
            case "reverse" -> {
                List<Value> reversed = elements(object, at).reversed();
                if (!(object instanceof Value.Text)) yield new Value.Sequence(reversed);
                List<Prompt.Piece> pieces = new ArrayList<>();
                reversed.forEach(letter -> pieces.addAll(((Value.Text) letter).prompt().pieces()));
                yield new Value.Text(new Prompt(pieces));
            }
            default -> null;
        };
    }

    private Value mapped(Value object, Arguments arguments, int at) {
        List<Value> mapped = new ArrayList<>();
        Optional<Value> attribute = arguments.get("attribute");
        for (Value element : elements(object, at)) {
            fuel.burn(1, at);
            if (attribute.isPresent() && arguments.positional().isEmpty()) {
                Value found = attribute(element, attribute.get(), at);
                Optional<Value> otherwise = arguments.get("default");
                mapped.add(found instanceof Value.Undefined && otherwise.isPresent() ? otherwise.get() : found);
            } else
                if (!arguments.positional().isEmpty() && arguments.positional().getFirst() instanceof Value.Text name) {
                    mapped.add(filtered(element, name.plain(), arguments.rest(), at));
                } else {
                    return null;
                }
        }
        return new Value.Sequence(mapped);
    }

    private Value selected(Value object, String name, Arguments arguments, int at) {
        boolean byAttribute = name.endsWith("attr");
        if (byAttribute && arguments.positional().isEmpty()) return null;
        Arguments test = byAttribute ? arguments.rest() : arguments;
        List<Value> selected = new ArrayList<>();
        for (Value element : elements(object, at)) {
            fuel.burn(1, at);
            Value judged = byAttribute ? attribute(element, arguments.positional().getFirst(), at) : element;
            boolean holds = test.positional().isEmpty()
                    ? judged.truthy()
                    : new Tests(source, evaluation).holds(judged,
                            writing.text(test.positional().getFirst(), at).text(), test.rest(), at);
            if (holds == name.startsWith("select")) selected.add(element);
        }
        return new Value.Sequence(selected);
    }

    private Value ordered(Value object, String name, Arguments arguments, int at) {
        boolean exact = arguments.get("case_sensitive").map(Value::truthy).orElse(false);
        Optional<Value> attribute = arguments.get("attribute");
        List<Value> elements = new ArrayList<>(elements(object, at));
        fuel.burn(20L * elements.size(), at);
        Comparator<Value> order = Comparator.comparing(element -> key(element, attribute, exact, at),
                (one, other) -> Comparison.order(one, other)
                        .orElseThrow(() -> source.fault(at, "no order of " + one.type() + " and " + other.type())));
        if (name.equals("unique")) {
            Map<String, Value> seen = new LinkedHashMap<>();
            for (Value element : elements) {
                Value key = key(element, attribute, exact, at);
                seen.putIfAbsent(key.type() + writing.text(key, at).text(), element);
            }
            return new Value.Sequence(List.copyOf(seen.values()));
        }
        if (!name.equals("sort")) {
            if (elements.isEmpty()) return new Value.Undefined(name);
            return name.equals("min")
                    ? java.util.Collections.min(elements, order)
                    : elements.stream().reduce((one, other) -> order.compare(one, other) >= 0 ? one : other)
                            .orElseThrow();
        }
        elements.sort(arguments.get("reverse").map(Value::truthy).orElse(false) ? order.reversed() : order);
        return new Value.Sequence(elements);
    }

    private Value key(Value element, Optional<Value> attribute, boolean exact, int at) {
        Value key = attribute.isPresent() ? attribute(element, attribute.get(), at) : element;
        return !exact && key instanceof Value.Text text ? TextMethods.call(text, "lower", Arguments.NONE) : key;
    }

    /** An element's attribute by name, in which {@code a.b} is the member of a member. */
    private Value attribute(Value element, Value name, int at) {
        if (!(name instanceof Value.Text path)) return evaluation.member(element, name, at);
        Value value = element;
        for (String step : path.plain().split("\\.")) {
            Value key = step.matches("[0-9]{1,9}") ? new Value.Int(Long.parseLong(step)) : Value.trusted(step);
            value = evaluation.member(value, key, at);
        }
        return value;
    }

    /** The elements that a loop over a value goes through. */
    List<Value> elements(Value value, int at) {
        return switch (value) {
            case Value.Sequence list -> list.elements();
            case Value.Text text -> TextMethods.letters(text);
            case Value.Mapping mapping when !mapping.changeable() -> keys(mapping).elements();
            case Value.Undefined undefined -> List.of();
            default -> throw source.unsupported(at, "a loop over " + value.type());
        };
    }

    static Value.Sequence keys(Value.Mapping mapping) {
        return new Value.Sequence(mapping.members().keySet().stream().<Value>map(Value::trusted).toList());
    }

    static Value items(Value.Mapping mapping) {
        return new Value.Sequence(mapping.members().entrySet().stream().<Value>map(member -> new Value.Sequence(
                List.of(Value.trusted(member.getKey()), member.getValue()), true)).toList());
    }
}
