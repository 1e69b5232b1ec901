// Judges the page that is shown, and returns what is wrong with it, a sentence each.
// Options: width and scheme that the browser claims to have, and the height in pixels below which a
// control (`controls`, a selector) cannot be hit with a thumb; 0 where nobody uses one.
({ width, scheme, controls = 'a[href], button, input:not([type=hidden]), select, summary, textarea',
    control_height = 0, texts_at_least = 1 }) => {
    document.getAnimations().forEach((one) => one.finish()); // colours that are still on their way
    const contrast_least = 4.5;
    const edge_contrast_least = 3;
    const wrong = [];
    const is_shown = (element) => element.checkVisibility({ visibilityProperty: true });
    const named = (element) => {
        const text = (element.textContent || element.name || '').trim().replace(/\s+/g, ' ');
        return `<${element.tagName.toLowerCase()}> "${text.slice(0, 40)}"`;
    };

    const colour = (text) => {
        const found = text.match(/^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/);
        if (!found) {
            throw new Error(`no colour that can be judged: ${text}`);
        }
        return { rgb: found.slice(1, 4).map(Number), alpha: Number(found[4] ?? 1) };
    };
    const over = (front, back) =>
        front.rgb.map((part, i) => part * front.alpha + back[i] * (1 - front.alpha));
    const luminance = (rgb) => {
        const [red, green, blue] = rgb.map((part) => {
            const share = part / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const contrast = (one, other) => {
        const [dark, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b);
        return (bright + 0.05) / (dark + 0.05);
    };

    // What a browser paints where no element does.
    const swatch = document.body.appendChild(document.createElement('i'));
    swatch.style.color = 'Canvas';
    const canvas = colour(getComputedStyle(swatch).color).rgb;
    swatch.remove();
    const backdrop = (element) => {
        const layers = [];
        for (let at = element; at; at = at.parentElement) {
            const style = getComputedStyle(at);
            if (style.backgroundImage !== 'none') {
                wrong.push(`${named(at)} has a background that cannot be judged`);
            }
            layers.unshift(colour(style.backgroundColor));
        }
        return layers.reduce((below, layer) => over(layer, below), canvas);
    };
    const opacity = (element) => {
        let all = 1;
        for (let at = element; at; at = at.parentElement) {
            all *= Number(getComputedStyle(at).opacity);
        }
        return all;
    };
    const judge_contrast = (element) => {
        const behind = backdrop(element);
        const ink = colour(getComputedStyle(element).color);
        ink.alpha *= opacity(element);
        const found = contrast(over(ink, behind), behind);
        if (found < contrast_least) {
            wrong.push(`${named(element)} has a contrast of ${found.toFixed(2)}`);
        }
    };

    const judge_texts = () => {
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const judged = new Set();
        while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            if (walker.currentNode.data.trim() && is_shown(element) && !judged.has(element)) {
                judged.add(element);
                judge_contrast(element);
            }
        }
        if (judged.size < texts_at_least) {
            wrong.push(`only ${judged.size} texts are shown`);
        }
        document.querySelectorAll('input[type=text], input[type=date], textarea').forEach((each) => {
            if (is_shown(each)) {
                judge_contrast(each);
            }
        });
    };

    // The edge is what shows where to write and what to press.
    const judge_edge = (element) => {
        const is_covered = element.type === 'radio' || element.type === 'checkbox';
        const edge = is_covered ? element.nextElementSibling : element;
        const behind = backdrop(edge.parentElement);
        const found = contrast(over(colour(getComputedStyle(edge).borderTopColor), behind), behind);
        if (found < edge_contrast_least) {
            wrong.push(`the edge of ${named(element)} has a contrast of ${found.toFixed(2)}`);
        }
    };

    const judge_control = (element) => {
        const height = element.getBoundingClientRect().height;
        if (height < control_height) {
            wrong.push(`${named(element)} is ${height.toFixed(1)} pixels high`);
        }
        if (element.matches('input, select, textarea')) {
            judge_edge(element);
            if (![...element.labels].some((label) => label.textContent.trim())) {
                wrong.push(`${named(element)} has no label`);
            }
            const group = element.type !== 'radio' || element.closest('fieldset')?.querySelector('legend');
            if (!group?.textContent?.trim() && group !== true) {
                wrong.push(`${named(element)} says no question`);
            }
        } else if (!element.textContent.trim()) {
            wrong.push(`${named(element)} says nothing`);
        }
    };

    const judge_page = () => {
        const wide = document.scrollingElement.scrollWidth;
        if (innerWidth !== width || wide > width) {
            wrong.push(`it is ${wide} pixels wide where there are ${width}, and shown in ${innerWidth}`);
        }
        const brightness = luminance(backdrop(document.body));
        if (scheme === 'dark' ? brightness > 0.05 : brightness < 0.7) {
            wrong.push(`it is not ${scheme}: its page has a luminance of ${brightness.toFixed(2)}`);
        }
        if (!document.documentElement.lang || !document.title.trim()) {
            wrong.push('it has no language or no title');
        }
    };

    judge_page();
    judge_texts();
    [...document.querySelectorAll(controls)].filter(is_shown).forEach(judge_control);
    return [...new Set(wrong)];
}
