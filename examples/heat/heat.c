/* Heat in a rod between two walls, with a heater in its middle: the reference. Prints the energy that is in the rod in the end.
 *
 *   trace-harness emit c > nbtrace.h && gcc -O2 heat.c -o heat_ref && NBTRACE=ref.trace ./heat_ref
 */
#define NBTRACE_IMPLEMENTATION
#include "nbtrace.h"

enum { CELLS = 20, STEPS = 40 };

int main(void) {
    const double length = nbtrace_scalar("length", 0.5), conductivity = nbtrace_scalar("conductivity", 205.0);
    const double density = nbtrace_scalar("density", 2700.0), capacity = nbtrace_scalar("capacity", 900.0);
    double wall[2] = {300.0, 350.0};
    nbtrace_vector("wall", wall, 2);
    const double dx = nbtrace_scalar("dx", length / CELLS);
    const double diffusivity = nbtrace_scalar("diffusivity", conductivity / (density * capacity));
    const double dt = nbtrace_scalar("dt", 0.4 * dx * dx / diffusivity);
    double t[CELLS], next[CELLS];
    for (int i = 0; i < CELLS; i++) t[i] = wall[0];
    double energy = 0.0;
    for (int step = 1; step <= STEPS; step++) {
        nbtrace_begin("step", step);
        const double heater = nbtrace_scalar("heater", 5000.0 * step / (step + 10.0));
        /* From the wall to the middle of the first cell it is half a cell. */
        const double flux_left = nbtrace_scalar("flux_left", conductivity * (wall[0] - t[0]) / (0.5 * dx));
        const double flux_right = nbtrace_scalar("flux_right", conductivity * (wall[1] - t[CELLS - 1]) / (0.5 * dx));
        for (int i = 0; i < CELLS; i++) {
            const double from_left = i == 0 ? flux_left : conductivity * (t[i - 1] - t[i]) / dx;
            const double from_right = i == CELLS - 1 ? flux_right : conductivity * (t[i + 1] - t[i]) / dx;
            const double source = i == CELLS / 2 ? heater : 0.0;
            next[i] = t[i] + dt / (density * capacity * dx) * (from_left + from_right + source);
        }
        for (int i = 0; i < CELLS; i++) t[i] = next[i];
        nbtrace_array("temperature", t, 1, (const size_t[]){CELLS});
        energy = 0.0;
        for (int i = 0; i < CELLS; i++) energy += density * capacity * dx * t[i];
        energy = nbtrace_scalar("energy", energy);
        nbtrace_end();
    }
    printf("energy %.9e J/m2\n", energy);
    return 0;
}
