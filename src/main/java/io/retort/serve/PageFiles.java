package io.retort.serve;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.files.RetortVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The files of the page, out of the jar: those that are named here and no others, read once. Nothing of a page comes
 * from anywhere else, so that its browser asks nobody but this server.
 */
final class PageFiles {
    private static final String FOLDER = "/io/retort/serve/page/";
    private static final Map<String, String> TYPES = Map.of("html", "text/html; charset=utf-8", "css",
            "text/css; charset=utf-8", "js", "text/javascript; charset=utf-8", "svg", "image/svg+xml", "json",
            "application/json");
    /** The files by the last part of their path. */
    private static final List<String> NAMES = List.of("index.html", "study.html", "style.css", "icon.svg",
            "theme.js", "dom.js", "api.js", "talk.js", "why.js", "responses.js", "study.js");

    private final Map<String, byte[]> files = new HashMap<>();
    private final byte[] description;
    private final byte[] described;

    PageFiles() {
        for (String name : NAMES) files.put(name, read(FOLDER + name));
        description = new String(read("/io/retort/serve/openapi.json"), StandardCharsets.UTF_8)
                .replace("${version}", RetortVersion.NAME).getBytes(StandardCharsets.UTF_8);
        described = page().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] read(String resource) {
        try (InputStream in = PageFiles.class.getResourceAsStream(resource)) {
            if (in == null) throw new IllegalStateException(resource + " is not on the class path");
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The page itself. */
    void index(Call call) {
        call.answerHeader("Cache-Control", "no-cache");
        call.bytes(200, TYPES.get("html"), files.get("index.html"));
    }

    /** The page of those who judge a study. */
    void study(Call call) {
        call.answerHeader("Cache-Control", "no-cache");
        call.bytes(200, TYPES.get("html"), files.get("study.html"));
    }

    /** A file of the page. */
    void file(Call call) {
        String name = call.pathParameter("file");
        byte[] bytes = files.get(name);
        if (bytes == null) throw Fault.of(404, "not_found", "there is no such file");
        call.answerHeader("Cache-Control", "no-cache");
        call.bytes(200, TYPES.get(name.substring(name.lastIndexOf('.') + 1)), bytes);
    }

    /** The description of the API for machines. */
    void description(Call call) {
        call.bytes(200, Call.JSON, description);
    }

    /** The same for people. */
    void described(Call call) {
        call.bytes(200, TYPES.get("html"), described);
    }

    private String page() {
        try {
            JsonNode api = Fields.JSON.readTree(description);
            StringBuilder html = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                    + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Retort: API</title>"
                    + "<link rel=\"stylesheet\" href=\"/page/style.css\"><link rel=\"icon\" href=\"/page/icon.svg\">"
                    + "</head><body class=\"document\"><main><h1>")
                    .append(escaped(api.at("/info/title"))).append("</h1><p>")
                    .append(escaped(api.at("/info/description")))
                    .append("</p><p><a href=\"/openapi.json\">The same for machines</a></p>");
            for (Map.Entry<String, JsonNode> path : api.path("paths").properties()) {
                for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                    operation(html, method.getKey(), path.getKey(), method.getValue());
                }
            }
            return html.append("</main></body></html>\n").toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void operation(StringBuilder html, String method, String path, JsonNode operation) {
        html.append("<section><h2><code>").append(escaped(method.toUpperCase(java.util.Locale.ROOT))).append(' ')
                .append(escaped(path)).append("</code></h2><p>").append(escaped(operation.path("summary")))
                .append("</p><p>").append(escaped(operation.path("description"))).append("</p>");
        JsonNode fields = operation.at("/requestBody/content/application~1json/schema/properties");
        if (!fields.isEmpty() || operation.path("parameters").size() > 0) {
            html.append(
                    "<table><thead><tr><th scope=\"col\">Field</th><th scope=\"col\">Meaning</th></tr></thead><tbody>");
            for (Map.Entry<String, JsonNode> field : fields.properties()) {
                row(html, field.getKey(), field.getValue().path("description"));
            }
            for (JsonNode parameter : operation.path("parameters")) {
                row(html, parameter.path("name").asText(), parameter.path("description"));
            }
            html.append("</tbody></table>");
        }
        JsonNode example = operation.at("/requestBody/content/application~1json/example");
        if (!example.isMissingNode()) {
            html.append("<pre><code>").append(escaped(example.toPrettyString())).append("</code></pre>");
        }
        html.append("</section>");
    }

    private static void row(StringBuilder html, String name, JsonNode meaning) {
        html.append("<tr><td><code>").append(escaped(name)).append("</code></td><td>").append(escaped(meaning))
                .append("</td></tr>");
    }

    private static String escaped(JsonNode text) {
        return escaped(text.asText(""));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
