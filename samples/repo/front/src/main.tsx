import { render } from "preact";

import { BookingForm } from "./BookingForm";

const notice = new URLSearchParams(location.search).get("notice");
if (notice) {
  document.getElementById("notice")!.innerHTML = notice;
}

render(<BookingForm />, document.getElementById("app")!);
