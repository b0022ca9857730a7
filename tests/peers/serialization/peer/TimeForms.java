package peer;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;

/** The data of java.time.Ser, as its documentation lists it. */
final class TimeForms {
  private TimeForms() {}

  /** The whole external block, or null when the object is none of java.time. */
  static Block of(Object time) {
    Block out = new Block();
    if (time instanceof Duration d) out.putByte(1).putLong(d.getSeconds()).putInt(d.getNano());
    else if (time instanceof Instant i) out.putByte(2).putLong(i.getEpochSecond()).putInt(i.getNano());
    else if (time instanceof LocalDate d) date(out.putByte(3), d);
    else if (time instanceof LocalTime t) time(out.putByte(4), t);
    else if (time instanceof LocalDateTime t) dateTime(out.putByte(5), t);
    else if (time instanceof ZonedDateTime t) {
      dateTime(out.putByte(6), t.toLocalDateTime());
      offset(out, t.getOffset());
      zone(out, t.getZone());
    } else if (time instanceof ZoneId z) zone(out, z);
    else if (time instanceof OffsetTime t) {
      time(out.putByte(9), t.toLocalTime());
      offset(out, t.getOffset());
    } else if (time instanceof OffsetDateTime t) {
      dateTime(out.putByte(10), t.toLocalDateTime());
      offset(out, t.getOffset());
    } else if (time instanceof Year y) out.putByte(11).putInt(y.getValue());
    else if (time instanceof YearMonth m) out.putByte(12).putInt(m.getYear()).putByte(m.getMonthValue());
    else if (time instanceof MonthDay d) out.putByte(13).putByte(d.getMonthValue()).putByte(d.getDayOfMonth());
    else if (time instanceof Period p) out.putByte(14).putInt(p.getYears()).putInt(p.getMonths()).putInt(p.getDays());
    else return null;
    return out;
  }

  private static void date(Block out, LocalDate d) {
    out.putInt(d.getYear()).putByte(d.getMonthValue()).putByte(d.getDayOfMonth());
  }

  private static void time(Block out, LocalTime t) {
    if (t.getNano() != 0) out.putByte(t.getHour()).putByte(t.getMinute()).putByte(t.getSecond()).putInt(t.getNano());
    else if (t.getSecond() != 0) out.putByte(t.getHour()).putByte(t.getMinute()).putByte(~t.getSecond());
    else if (t.getMinute() != 0) out.putByte(t.getHour()).putByte(~t.getMinute());
    else out.putByte(~t.getHour());
  }

  private static void dateTime(Block out, LocalDateTime t) {
    date(out, t.toLocalDate());
    time(out, t.toLocalTime());
  }

  private static void offset(Block out, ZoneOffset o) {
    int seconds = o.getTotalSeconds();
    if (seconds % 900 == 0) out.putByte(seconds / 900);
    else out.putByte(127).putInt(seconds);
  }

  private static void zone(Block out, ZoneId zone) {
    if (zone instanceof ZoneOffset o) offset(out.putByte(8), o);
    else out.putByte(7).putUtf(zone.getId());
  }
}
