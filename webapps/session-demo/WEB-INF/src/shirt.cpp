#include "shirt.h"

#include "java_text.h"

namespace demo {

using serval::to_value;

Shirt make_shirt(std::int32_t n) {
  Shirt shirt;
  shirt.name = "shirt" + std::to_string(n);
  if (n % 2 != 0) shirt.price = 1000000000000 + n;
  shirt.size = n % 2 == 0 ? Size::kSmall : Size::kLarge;
  shirt.is_red = n % 3 == 0;
  shirt.weight = n / 2.0;
  shirt.widths = {n, -n};
  shirt.labels = {"new", "label" + std::to_string(n)};
  shirt.stock = {{"Z\xC3\xBCrich", n}, {"Bern", 0}};
  shirt.extras = {{"button", 5}};
  return shirt;
}

std::string to_text(const Shirt& shirt) {
  const auto text = [](const auto& field) { return to_java_string(to_value(field)); };
  std::string out = "Shirt{" + shirt.name + "," + text(shirt.price) + "," + text(shirt.size) + "," +
                    text(shirt.is_red) + "," + text(shirt.weight) + "," + text(shirt.widths) + "," +
                    text(shirt.labels) + "," + text(shirt.stock);
  for (const Goods& extra : shirt.extras) out += "," + extra.name + ":" + text(extra.price);
  return out + "}";
}

}  // namespace demo
