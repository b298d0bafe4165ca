package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import org.junit.jupiter.api.Test;

/** Somebody who begins sign-ins only to have them refused. */
class OidcFloodIT {
    private static final String ATTEMPTS =
            "SELECT count(*) FROM audit_event WHERE action = 'person.sign-in' AND outcome <> 'ok'";

    private static final int MANY = 300;

    @Test
    void refusalsOfAnAddressAreCountedAndEndInAWait() throws Exception {
        try (var provider = new PlayedProvider()) {
            var settings = OidcIT.settings(provider.issuer());
            settings.remove("PGANALYTICS_ADMISSION_STRANGERS_BURST_ATTEMPTS");
            try (var server = ApiServer.start(settings)) {
                var browser = new Browser(server.client);
                int refused = 0;
                while (refused < MANY && begins(browser, provider)) {
                    refused++;
                }
                assertTrue(refused > 0 && refused < MANY, "it was never told to wait: " + refused);
                assertEquals(refused, server.database.number(ATTEMPTS), "what waits is in no audit");
            }
        }
    }

    /** False once the address has to wait. */
    private static boolean begins(Browser browser, PlayedProvider provider) throws Exception {
        var begun = browser.send("beginOidc", null, "provider", "corp");
        if (begun.status() == 429) {
            return false;
        }
        var state =
                provider.authorize(browser.begin("corp", "/"), "u-1", "flood").getQuery();
        var error = URI.create("http://x/?error=x&" + state.replaceAll("(.*&)?(state=[^&]+).*", "$2"));
        int status = browser.finish("corp", error).status();
        assertTrue(status == 403 || status == 429, () -> "" + status);
        return status == 403;
    }

    @Test
    void beginningsAtAProviderThatIsAwayAreInNoAudit() throws Exception {
        try (var server = ApiServer.start(OidcIT.settings("http://127.0.0.1:1"))) {
            for (int i = 0; i < 3; i++) {
                assertEquals(
                        503,
                        new Browser(server.client)
                                .send("beginOidc", null, "provider", "corp")
                                .status());
            }
            assertEquals(0, server.database.number(ATTEMPTS));
        }
    }
}
