package peer;

import java.time.*;
import java.util.Random;

/** Random values of java.time. */
final class Times {
  private final Random random;

  Times(Random random) {
    this.random = random;
  }

  private LocalDate date() {
    return LocalDate.ofEpochDay(random.nextInt(2_000_000) - 1_000_000);
  }

  private LocalTime time() {
    return switch (random.nextInt(4)) {
      case 0 -> LocalTime.of(random.nextInt(24), 0);
      case 1 -> LocalTime.of(random.nextInt(24), random.nextInt(60));
      case 2 -> LocalTime.of(random.nextInt(24), random.nextInt(60), random.nextInt(60));
      default -> LocalTime.ofNanoOfDay(random.nextInt(1_000_000) * 86_399_999L);
    };
  }

  private ZoneOffset offset() {
    return ZoneOffset.ofTotalSeconds(random.nextBoolean() ? (random.nextInt(100) - 50) * 900 : random.nextInt(60_000) - 30_000);
  }

  private ZoneId zone() {
    return random.nextBoolean() ? ZoneId.of("Europe/Berlin") : random.nextBoolean() ? ZoneId.of("UTC") : offset();
  }

  Object any() {
    return switch (random.nextInt(14)) {
      case 0 -> Duration.ofSeconds(random.nextInt(), random.nextInt(1_000_000_000));
      case 1 -> Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));
      case 2 -> date();
      case 3 -> time();
      case 4 -> LocalDateTime.of(date(), time());
      case 5 -> ZonedDateTime.of(date(), time(), zone());
      case 6 -> zone();
      case 7 -> offset();
      case 8 -> OffsetTime.of(time(), offset());
      case 9 -> OffsetDateTime.of(date(), time(), offset());
      case 10 -> Year.of(random.nextInt(5000) - 1000);
      case 11 -> YearMonth.of(random.nextInt(5000), 1 + random.nextInt(12));
      case 12 -> MonthDay.of(1 + random.nextInt(12), 1 + random.nextInt(28));
      default -> Period.of(random.nextInt(100) - 50, random.nextInt(100), random.nextInt(100));
    };
  }
}
