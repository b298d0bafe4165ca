package org.pganalytics.admission;

import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pganalytics.cluster.RedisScript;

/**
 * The exchange of tokens in Redis: the bucket of one collector is one hash, which Redis forgets when it is full again.
 *
 * <p>Redis' own clock fills it, so that the servers' clocks do not matter. Commands of Redis 6.2; a script that asks for the
 * time may write since 5.0.
 */
final class BudgetScript {
    /**
     * Fields: t the time, r rows, b bytes, u:server what that server let through lately, and when, x:server its last
     * exchange. One whose answer never came is undone by the next: Redis may have read it long after the server gave up. One
     * from before the server's last start is not, since its answer may have come.
     */
    static final RedisScript EXCHANGE = RedisScript.of("""
            local clock = redis.call('TIME')
            local now = clock[1] + clock[2] / 1000000
            local known, all = {}, redis.call('HGETALL', KEYS[1])
            for i = 1, #all, 2 do known[all[i]] = all[i + 1] end
            local gone = math.max(0, now - (known.t or now))

            local mine, together = tonumber(ARGV[2]), tonumber(ARGV[2])
            for field, said in pairs(known) do
              if string.sub(field, 1, 2) == 'u:' then
                local used, at = string.match(said, '(%S+) (%S+)')
                used = used * math.exp(math.min(0, at - now) / 5)
                if used < 0.0001 then redis.call('HDEL', KEYS[1], field, 'x:' .. string.sub(field, 3)) end
                together = together + used
                if field == 'u:' .. ARGV[1] then mine = mine + used end
              end
            end

            local number, rows, bytes = string.match(known['x:' .. ARGV[1]] or '0 0 0', '(%S+) (%S+) (%S+)')
            local undone = {r = tonumber(rows), b = tonumber(bytes)}
            if tonumber(number) <= tonumber(ARGV[14]) then undone = {r = 0, b = 0} end

            local answer, changed, fills, moved = {}, {'t', string.format('%.6f', now)}, 0, {}
            local function exchange(field, first)
              local rate, burst = tonumber(ARGV[first]), tonumber(ARGV[first + 1])
              local back, want, seed = tonumber(ARGV[first + 2]), tonumber(ARGV[first + 3]), tonumber(ARGV[first + 4])
              local balance = math.min(burst, (known[field] or seed) + gone * rate)
              balance = math.min(burst, balance + back + undone[field])
              local granted = math.max(0, math.min(want, balance))
              balance = balance - granted
              moved[#moved + 1] = granted - back
              fills = math.max(fills, (burst - balance) / rate)
              changed[#changed + 1], changed[#changed + 2] = field, string.format('%.3f', balance)
              answer[#answer + 1], answer[#answer + 2] = string.format('%.3f', granted), string.format('%.3f', balance)
            end
            exchange('r', 3)
            exchange('b', 8)

            changed[#changed + 1] = 'u:' .. ARGV[1]
            changed[#changed + 1] = string.format('%.6f %.6f', mine, now)
            changed[#changed + 1] = 'x:' .. ARGV[1]
            changed[#changed + 1] = string.format('%s %.3f %.3f', ARGV[13], moved[1], moved[2])
            redis.call('HSET', KEYS[1], unpack(changed))
            redis.call('PEXPIRE', KEYS[1], math.ceil(math.min(fills + 60, 2592000) * 1000))
            answer[5] = together > 0 and string.format('%.6f', mine / together) or ''
            return answer
            """);

    private BudgetScript() {}

    static List<String> arguments(String server, LeasedBudget.Offer offer) {
        var limits = offer.limits();
        var said = new ArrayList<String>(14);
        said.add(server);
        said.add(number(offer.used()));
        addKind(said, limits.rowsPerSecond(), limits.burstRows(), offer, 0);
        addKind(said, limits.bytesPerSecond(), limits.burstBytes(), offer, 1);
        said.add(Long.toString(offer.number()));
        said.add(Long.toString(offer.answered()));
        return said;
    }

    private static void addKind(List<String> said, double rate, double burst, LeasedBudget.Offer offer, int kind) {
        said.add(number(rate));
        said.add(number(burst));
        said.add(number(offer.back().get(kind)));
        said.add(number(offer.want().get(kind)));
        said.add(number(offer.seed().get(kind)));
    }

    static LeasedBudget.Grant grant(Response answer) {
        var share = answer.get(4).toString();
        return new LeasedBudget.Grant(
                answer.get(0).toDouble(),
                answer.get(2).toDouble(),
                answer.get(1).toDouble(),
                answer.get(3).toDouble(),
                share.isEmpty() ? Double.NaN : Double.parseDouble(share));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.6f", value);
    }
}
