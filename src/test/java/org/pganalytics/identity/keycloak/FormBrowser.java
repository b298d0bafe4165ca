package org.pganalytics.identity.keycloak;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Does what a browser does when somebody signs in with it: follows redirects, keeps cookies and sends them where they belong
 * (SameSite included), reads forms and sends them. Runs no scripts.
 */
public final class FormBrowser {
    private static final int REDIRECTS_MAX = 20;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final CookieJar cookies = new CookieJar();
    private String stop = "";

    /** What is shown: the last answer, whose address {@code uri} is. */
    public record Page(URI uri, int status, HttpResponse<String> response) {
        private static final Pattern FORM = Pattern.compile("(?is)<form\\b([^>]*)>(.*?)</form>");
        private static final Pattern INPUT = Pattern.compile("(?is)<input\\b([^>]*)>");

        public String text() {
            return response.body();
        }

        /** Of a redirect that was not followed. */
        public Optional<URI> location() {
            return response.headers().firstValue("Location").map(uri::resolve);
        }

        /** The first form, with what stands in it. */
        public Optional<Form> form() {
            var found = FORM.matcher(text());
            return found.find() ? Optional.of(form(found)) : Optional.empty();
        }

        private Form form(Matcher found) {
            var fields = new LinkedHashMap<String, String>();
            for (var inputs = INPUT.matcher(found.group(2)); inputs.find(); ) {
                attribute(inputs.group(1), "name")
                        .ifPresent(name -> fields.put(
                                name, attribute(inputs.group(1), "value").orElse("")));
            }
            return new Form(uri, uri.resolve(attribute(found.group(1), "action").orElse("")), fields);
        }

        private static Optional<String> attribute(String tag, String name) {
            var found = Pattern.compile("(?is)(?:^|\\s)%s\\s*=\\s*(\"[^\"]*\"|'[^']*')".formatted(name))
                    .matcher(tag);
            return found.find()
                    ? Optional.of(
                            unescaped(found.group(1).substring(1, found.group(1).length() - 1)))
                    : Optional.empty();
        }

        private static String unescaped(String html) {
            return Pattern.compile("&#(x?)([0-9a-fA-F]+);")
                    .matcher(html)
                    .replaceAll(found -> Matcher.quoteReplacement(Character.toString(
                            Integer.parseInt(found.group(2), found.group(1).isEmpty() ? 10 : 16))))
                    .replace("&lt;", "<")
                    .replace("&gt;", ">")
                    .replace("&quot;", "\"")
                    .replace("&amp;", "&");
        }
    }

    /** @param page that it stands on @param action where it is sent */
    public record Form(URI page, URI action, Map<String, String> fields) {
        /** With what somebody types. */
        public Form with(String name, String value) {
            var more = new LinkedHashMap<>(fields);
            more.put(name, value);
            return new Form(page, action, more);
        }
    }

    /** Redirects to what begins so are shown, not followed. */
    public void stopBefore(String prefix) {
        stop = prefix;
    }

    /** As if its address had been typed. */
    public Page open(String url) throws Exception {
        return shown(URI.create(url), Optional.empty(), Optional.empty());
    }

    /** Sends the form from the page it stands on. */
    public Page send(Form form) throws Exception {
        var body = form.fields().entrySet().stream()
                .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
        return shown(form.action(), Optional.of(form.page()), Optional.of(body));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Types name and password into the form of Keycloak, and lets it lead on. */
    public Page signIn(Page login, String name, String password) throws Exception {
        var form = login.form()
                .orElseThrow(() -> new IOException("no form at %s: %s".formatted(login.uri(), login.text())));
        return send(form.with("username", name).with("password", password));
    }

    private Page shown(URI first, Optional<URI> from, Optional<String> firstBody) throws Exception {
        var uri = first;
        var body = firstBody;
        var by = from;
        for (int followed = 0; followed < REDIRECTS_MAX; followed++) {
            var page = asked(uri, by, body);
            var next = page.location().filter(location -> page.status() >= 300 && page.status() < 400);
            if (next.isEmpty() || (!stop.isEmpty() && next.get().toString().startsWith(stop))) {
                return page;
            }
            by = Optional.of(by.orElse(uri));
            body = page.status() == 307 || page.status() == 308 ? body : Optional.empty();
            uri = next.get();
        }
        throw new IOException("too many redirects, the last one to " + uri);
    }

    private Page asked(URI uri, Optional<URI> from, Optional<String> body) throws Exception {
        var request =
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(60)).header("User-Agent", "a test's browser");
        var sent = cookies.of(uri, from, body.isPresent());
        if (!sent.isEmpty()) {
            request.header("Cookie", sent);
        }
        body.ifPresent(form -> request.header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form)));
        from.filter(page -> body.isPresent()).ifPresent(page -> request.header("Origin", origin(page)));
        var answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        answer.headers().allValues("Set-Cookie").forEach(set -> cookies.take(uri, set));
        return new Page(uri, answer.statusCode(), answer);
    }

    private static String origin(URI page) {
        return "%s://%s".formatted(page.getScheme(), page.getAuthority());
    }

    /** Value of one that would be sent there from there. */
    public Optional<String> cookie(String url, String name) {
        return cookies.value(URI.create(url), name);
    }
}
