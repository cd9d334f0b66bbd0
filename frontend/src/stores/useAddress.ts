// Keeps the address bar in step with the stores.
import { watch } from "vue";
import { useRisk } from "./risk";
import { useSelection } from "./selection";
import { writeUrl } from "./url";
import { useView } from "./view";

export function useAddress(): void {
  const view = useView();
  const risk = useRisk();
  const selection = useSelection();
  watch(
    () =>
      writeUrl({
        mode: view.mode,
        hazard: risk.hazard,
        run: risk.runId,
        selection: selection.selected,
        camera: view.camera,
        off: view.off,
        on: view.on,
      }),
    (search) => history.replaceState(null, "", location.pathname + search + location.hash),
  );
}
